"""scripts/explore.sh without a browser: what its page is told, and whom it answers. Test process."""

from __future__ import annotations

import os
import re
import signal

import httpx
import pytest

from e2e.selftests.exploring import Explore
from e2e.selftests.processes import called, of, until
from e2e.selftests.project import Project
from e2e.selftests.witnessed import line

START, TEST, SESSION = 1, 2, 4
MAIN = "toy/main.py"
LINES = ("import asyncio", 'answer = "from"', "route = {", "found = await session", "number *= 2")


@pytest.mark.lowest
def test_lines_are_shown_by_who_ran_them(project: Project, explore: Explore) -> None:
    """By start-up, by a test of the last end-to-end run, by this session, by it alone, by nobody."""
    project.with_session().write("tests/test_toy.py", "def test_thread(http):\n    assert http.get('/thread').text\n")
    assert project.run().status == 2
    exploration = explore()

    assert exploration.use("/greenlet").text == "1"
    exploration.settle(1)

    states = exploration.states(MAIN)
    of = {text: states[line(text, "with_session")] for text in LINES}
    assert of["import asyncio"] == START
    assert of['answer = "from"'] == TEST
    assert of["route = {"] == TEST | SESSION
    assert of["found = await session"] == SESSION
    assert of["number *= 2"] == 0
    summary = exploration.file(MAIN)
    assert summary["only"] == sum(state == SESSION for state in states.values())
    assert summary["total"] == len(states)


def test_each_request_is_logged_with_its_lines(explore: Explore) -> None:
    """Method, path, status, how many lines, how many new; asked for, just its lines."""
    exploration = explore()
    for path in ("/count", "/count", "/count?double=1"):
        exploration.use(path)
    exploration.settle(3)

    first, again, double = exploration.board()["requests"]
    lines = exploration.get(f"/api/request/{double['key']}").json()

    assert (first["method"], first["path"]) == ("GET", "/count")
    assert first["lines"] - 1 == first["new"] > 5, "one of its lines ran at start-up as well"
    assert (again["lines"], again["new"]) == (first["lines"], 0)
    assert (double["lines"], double["new"]) == (first["lines"] + 1, 1)
    assert line("number *= 2") in lines[str(exploration.file(MAIN)["id"])]


def test_sessions_have_names_are_kept_and_can_be_compared(explore: Explore) -> None:
    """One goes on where it was left; reset begins from zero without touching the server."""
    exploration = explore("--session", "one")
    exploration.use("/count")
    exploration.settle(1)
    one = exploration.file(MAIN)["session"]

    exploration.post("/api/session", {"name": "two/\U0001f600"})
    assert exploration.file(MAIN)["session"] == 0
    exploration.use("/thread")
    exploration.settle(2)
    [compared] = exploration.get("/api/compare?with=one").json().values()
    exploration.post("/api/session", {"name": "one"})
    back = exploration.file(MAIN)["session"]
    exploration.post("/api/session", {"name": "one", "fresh": True})

    assert back == one
    assert line('answer = "from"') in compared["ours"]
    assert line("await asyncio.sleep") in compared["theirs"]
    assert line("route = {") in compared["both"]
    assert exploration.file(MAIN)["session"] == 0
    assert exploration.board()["sessions"] == ["one", "two/\U0001f600"]
    assert exploration.use("/count").text == "1"


def test_tests_driven_against_it_appear_by_name(project: Project, explore: Explore) -> None:
    """AFTERAWAIT_BASE_URL: beside the person's session, not in it."""
    exploration = explore()

    ended = project.run(env={"AFTERAWAIT_BASE_URL": exploration.app})

    assert ended.status == 0, ended.output
    exploration.settle(4)
    names = {each["test"] for each in exploration.board()["requests"]}
    assert "tests/test_toy.py::test_thread" in names
    assert exploration.states(MAIN)[line('answer = "from"')] == TEST


@pytest.mark.lowest
def test_ctrl_c_says_what_the_session_reached(project: Project, explore: Explore) -> None:
    """And what only it reached; nothing is left running."""
    exploration = explore("--session", "mine")
    exploration.use("/count")

    with httpx.stream("GET", f"{exploration.page}/api/events", headers=exploration.headers) as events:
        assert next(events.iter_lines()) == "event: board"
        output = exploration.stop()

    assert exploration.process.returncode == 0, output
    assert "Traceback" not in output
    assert "session      mine: " in output
    assert f"{MAIN}: " in output
    assert not of(project.root)


def test_a_session_is_shown_beside_the_next_report_and_never_counts(project: Project, explore: Explore) -> None:
    """What only it reached is named; the gate still misses it."""
    exploration = explore("--session", "mine/too")
    exploration.use("/count?double=1")
    exploration.stop()
    project.write("tests/test_toy.py", "def test_thread(http):\n    assert http.get('/thread').text\n")

    ended = project.run("--with-session", "mine/too")
    unknown = project.run("--with-session", "nobody's")

    assert ended.status == 2, ended.output
    assert re.search(r"session +mine/too: [1-9]\d* lines in 1 files ran in it and in no test", ended.output)
    assert "100.00 %: under" not in ended.output
    assert unknown.status == 4, unknown.output
    assert "there are: mine/too" in unknown.output


def test_a_killed_server_leaves_the_page_answering_and_is_replaced(explore: Explore) -> None:
    """What the dead one had run stays; the next one is at the same address."""
    exploration = explore()
    exploration.use("/count")
    exploration.settle(1)
    before = exploration.file(MAIN)["session"]
    [server] = called(exploration.project.root, "afterawait.agent.server")

    os.kill(server.pid, signal.SIGKILL)
    server.wait(10)

    assert exploration.file(MAIN)["session"] == before

    def answers() -> bool:
        try:
            return exploration.use("/thread").status_code == 200
        except httpx.HTTPError:
            return False

    until(answers, "a new server at the same address")


def test_reload_keeps_what_ran_in_files_that_have_not_changed(project: Project, explore: Explore) -> None:
    """A change restarts the server; a mistake is shown and recovered from when it is fixed."""
    project.write("toy/other.py", "def other():\n    return 1\n")
    project.replace("toy/main.py", "import asyncio\n", "import asyncio\nfrom toy.other import other\n")
    project.replace("toy/main.py", '    answer = "from"\n', '    other()\n    answer = "from"\n')
    exploration = explore("--reload")
    exploration.use("/thread")
    until(lambda: exploration.file("other.py")["session"] == 1, "the other file's line")
    main = (project.root / MAIN).read_text()

    project.write(MAIN, main + "1 / 0\n")
    until(lambda: exploration.board()["status"].get("failed", False), "the failure")
    assert "ZeroDivisionError" in exploration.board()["status"]["detail"]
    project.write(MAIN, main + "# fixed\n")
    until(lambda: exploration.board()["status"].get("text", "").startswith("serving"), "the recovery")

    assert exploration.file("other.py")["session"] == 1
    assert exploration.use("/thread").text == "from a thread"


def test_demo_data_are_made_on_request(project: Project, explore: Explore) -> None:
    """By the project's own command, against the live server."""
    program = "import os, urllib.request\nurllib.request.urlopen(os.environ['AFTERAWAIT_BASE_URL'] + '/count')\n"
    project.write("toy/demo.py", program)
    project.replace("pyproject.toml", "[tool.afterawait.env]", 'demo = "python -m toy.demo"\n\n[tool.afterawait.env]')

    exploration = explore("--demo")

    exploration.settle(1)
    assert exploration.board()["requests"][0]["path"] == "/count"


@pytest.mark.parametrize(
    ("setting", "status", "sentence"),
    [
        pytest.param("", 4, "[tool.afterawait].demo is not set", id="none"),
        pytest.param('demo = "python -c nonsense"\n\n', 1, "The demo command failed with exit code 1", id="broken"),
    ],
)
def test_demo_data_that_cannot_be_made(project: Project, setting: str, status: int, sentence: str) -> None:
    """One sentence, and nothing is left running."""
    project.replace("pyproject.toml", "[tool.afterawait.env]", f"{setting}[tool.afterawait.env]")

    ended = project.run("--port", "0", "--page-port", "0", "--demo", module="explore")

    assert ended.status == status, ended.output
    assert sentence in ended.output
    assert not of(project.root)


def test_a_measured_folder_that_vanishes_comes_back(project: Project, explore: Explore) -> None:
    """The page goes on, shows nothing meanwhile, and everything again afterwards."""
    exploration = explore()
    (project.root / "toy").rename(project.root / "elsewhere")
    until(lambda: not exploration.board()["files"], "an empty list")

    (project.root / "elsewhere").rename(project.root / "toy")
    until(lambda: len(exploration.board()["files"]) == 2, "the files again")

    exploration.use("/thread")
    until(lambda: exploration.file(MAIN)["session"] > 0, "a line in it")
