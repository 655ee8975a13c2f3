"""scripts/explore.sh without a browser: what its page is told, and whom it answers. Test process."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from e2e.selftests.exploring import Exploration
from e2e.selftests.processes import of, until
from e2e.selftests.project import Project
from e2e.selftests.test_witness_runs import line

START, TEST, SESSION = 1, 2, 4
MAIN = "toy/main.py"

Explore = Callable[..., Exploration]


@pytest.fixture
def explore(project: Project) -> Iterator[Explore]:
    """Start an exploration of this test's project; all are stopped at the end."""
    started: list[Exploration] = []

    def start(*arguments: str, **options: Any) -> Exploration:
        started.append(Exploration(project, *arguments, **options))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.stop()


def test_lines_are_shown_by_who_ran_them(project: Project, explore: Explore) -> None:
    """By start-up, by a test of the last end-to-end run, by this session, by it alone, by nobody."""
    project.write("tests/test_toy.py", "def test_thread(http):\n    assert http.get('/thread').text\n")
    assert project.run().status == 2
    exploration = explore()

    assert exploration.use("/greenlet").text == "1"
    exploration.settle(1)

    states = exploration.states(MAIN)
    assert states[line("import asyncio")] == START
    assert states[line('answer = "from"')] == TEST
    assert states[line("route = {")] == TEST | SESSION
    assert states[line("found = await session")] == SESSION
    assert states[line("number *= 2")] == 0
    summary = exploration.file(MAIN)
    assert summary["only"] == sum(state == SESSION for state in states.values())
    assert summary["total"] == len(states)


def test_each_request_is_logged_with_its_lines(explore: Explore) -> None:
    """Method, path, status, how many lines, how many new; asked for, just its lines."""
    exploration = explore()
    for path in ("/greenlet", "/greenlet", "/greenlet?double=1"):
        exploration.use(path)
    exploration.settle(3)

    first, again, double = exploration.board()["requests"]
    lines = exploration.get(f"/api/request/{double['key']}").json()

    assert (first["method"], first["path"]) == ("GET", "/greenlet")
    assert first["lines"] - 1 == first["new"] > 5, "one of its lines ran at start-up as well"
    assert (again["lines"], again["new"]) == (first["lines"], 0)
    assert (double["lines"], double["new"]) == (first["lines"] + 1, 1)
    assert line("number *= 2") in lines[str(exploration.file(MAIN)["id"])]


def test_sessions_have_names_are_kept_and_can_be_compared(explore: Explore) -> None:
    """One goes on where it was left; reset begins from zero without touching the server."""
    exploration = explore("--session", "one")
    exploration.use("/greenlet")
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
    assert line("found = await session") in compared["theirs"]
    assert line("route = {") in compared["both"]
    assert exploration.file(MAIN)["session"] == 0
    assert exploration.board()["sessions"] == ["one", "two/\U0001f600"]
    assert exploration.use("/greenlet").text == "1"


def test_tests_driven_against_it_appear_by_name(project: Project, explore: Explore) -> None:
    """E2E_BASE_URL: beside the person's session, not in it."""
    exploration = explore()

    ended = project.run(env={"E2E_BASE_URL": exploration.app})

    assert ended.status == 0, ended.output
    exploration.settle(4)
    names = {each["test"] for each in exploration.board()["requests"]}
    assert "tests/test_toy.py::test_thread" in names
    assert exploration.states(MAIN)[line('answer = "from"')] == TEST


def test_ctrl_c_says_what_the_session_reached(project: Project, explore: Explore) -> None:
    """And what only it reached; nothing is left running."""
    exploration = explore("--session", "mine")
    exploration.use("/greenlet")

    output = exploration.stop()

    assert exploration.process.returncode == 0, output
    assert "session      mine: " in output
    assert f"{MAIN}: " in output
    assert not of(project.root)


def test_a_killed_server_leaves_the_page_answering_and_is_replaced(explore: Explore) -> None:
    """What the dead one had run stays; the next one is at the same address."""
    exploration = explore()
    exploration.use("/greenlet")
    exploration.settle(1)
    before = exploration.file(MAIN)["session"]
    [server] = [each for each in of(exploration.project.root) if "e2e.agent.serve" in " ".join(each.cmdline())]

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
    """A change restarts the server; a mistake is shown and recovered from when it is mended."""
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
    project.write(MAIN, main + "# mended\n")
    until(lambda: exploration.board()["status"].get("text", "").startswith("serving"), "the recovery")

    assert exploration.file("other.py")["session"] == 1
    assert exploration.use("/thread").text == "from a thread"


def test_demo_data_are_made_on_request(project: Project, explore: Explore) -> None:
    """By the project's own command, against the live server."""
    program = "import os, urllib.request\nurllib.request.urlopen(os.environ['E2E_BASE_URL'] + '/greenlet')\n"
    project.write("toy/demo.py", program)
    project.replace("pyproject.toml", "[tool.e2e.env]", 'demo = "python -m toy.demo"\n\n[tool.e2e.env]')

    exploration = explore("--demo")

    exploration.settle(1)
    assert exploration.board()["requests"][0]["path"] == "/greenlet"


@pytest.mark.parametrize(
    ("setting", "status", "sentence"),
    [
        pytest.param("", 4, "[tool.e2e].demo is not set", id="none"),
        pytest.param('demo = "python -c nonsense"\n\n', 1, "The demo command failed with exit code 1", id="broken"),
    ],
)
def test_demo_data_that_cannot_be_made(project: Project, setting: str, status: int, sentence: str) -> None:
    """One sentence, and nothing is left running."""
    project.replace("pyproject.toml", "[tool.e2e.env]", f"{setting}[tool.e2e.env]")

    ended = project.run("--port", "0", "--page-port", "0", "--demo", module="e2e.explore")

    assert ended.status == status, ended.output
    assert sentence in ended.output
    assert not of(project.root)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8001", ""])
def test_a_foreign_host_is_refused(explore: Explore, host: str) -> None:
    """A name that was rebound to this machine is no way in."""
    exploration = explore()

    answers = [exploration.get(path, Host=host).status_code for path in ("/", "/api/board", "/api/source/0")]

    assert answers == [403] * 3
    assert exploration.get("/", Host="localhost").status_code == 200
    assert exploration.get("/", Host="[::1]:8001").status_code == 200


def test_only_the_page_itself_may_change_anything(explore: Explore) -> None:
    """Another site's form, script or link cannot; neither can a body that is not what it says."""
    exploration = explore()
    fine = {"name": "mine"}
    path = "/api/session"

    assert exploration.post(path, fine, Origin="http://evil.example").status_code == 403
    assert exploration.post(path, fine, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert exploration.post(path, fine, Origin="null").status_code == 403
    assert exploration.post(path, fine, **{"Content-Type": "text/plain"}).status_code == 403
    assert exploration.get(path).status_code == 405
    bodies: list[Any] = [[], {"name": 3}, {}, "x", {"name": "x", "fresh": "yes"}]
    for wrong in bodies:
        assert exploration.post(path, wrong).status_code == 422
    assert exploration.board()["session"] == "session"
    assert exploration.post(path, fine, Origin=exploration.page).json()["session"] == "mine"


@pytest.mark.parametrize(
    "path",
    [
        "/../pyproject.toml",
        "/%2e%2e/pyproject.toml",
        "/api/source/..%2f..%2fpyproject.toml",
        "/api/source/0%00",
        "/api/source/-1",
        "/api/source/999",
        "/static/../page.py",
        "/app.js/../page.py",
        "/api/request/..%2f..%2fx",
        "/etc/passwd",
    ],
)
def test_no_path_of_a_request_is_opened(explore: Explore, path: str) -> None:
    """Files are numbers, static ones a fixed list."""
    exploration = explore()
    host, port = exploration.page.removeprefix("http://").split(":")

    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))

    assert b"tool.e2e" not in answer
    assert b"root:" not in answer
    assert answer.split(b" ")[1] in {b"404", b"400"} or answer.endswith(b"{}")


def test_hostile_source_is_escaped_and_nothing_runs_inline(project: Project, explore: Explore) -> None:
    """A string that is an attack is a string; the policy forbids what escaping might miss."""
    attack = "</span><script>alert(1)</script><img src=x onerror=alert(2)>"
    project.replace("toy/main.py", '"""A service', f'"""{attack} A service')
    exploration = explore()

    response = exploration.get(f"/api/source/{exploration.file(MAIN)['id']}")
    policy = exploration.get("/").headers["content-security-policy"]

    assert "<script" not in "".join(response.json()["lines"])
    assert "&lt;script&gt;" in response.json()["lines"][0]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_second_exploration_is_refused(project: Project, explore: Explore) -> None:
    """Naming the first one's pid; an end-to-end run beside it is none."""
    exploration = explore()

    ended = project.run("--port", "0", "--page-port", "0", module="e2e.explore")

    assert ended.status == 4, ended.output
    assert f"pid {exploration.process.pid}" in ended.output
    assert project.run("-k", "thread").status == 0


@pytest.mark.parametrize("option", ["--port", "--page-port"])
def test_a_port_that_is_taken(project: Project, option: str) -> None:
    """Named, at once, and nothing is left running."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        ports = {"--port": "0", "--page-port": "0"} | {option: port}

        ended = project.run(*(part for each in ports.items() for part in each), module="e2e.explore")

    assert ended.status == 4, ended.output
    assert f"Port {port} of 127.0.0.1 cannot be used" in ended.output
    assert not of(project.root)
