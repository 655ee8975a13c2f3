"""What a person sees of a session: the header, the server's log beside a failure, somebody else's server."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys

import pytest

from e2e.selftests import processes
from e2e.selftests.project import TIMEOUT, Project


@pytest.mark.lowest
def test_the_header_says_what_is_tested_on_what_and_how_it_is_measured(finished_with_session: Project) -> None:
    """URL, database, Python, tracer and concurrency: what a bug report needs."""
    ended = finished_with_session.ended

    assert re.search(r"afterawait: SQLite [\d.]+ \(sqlite\)", ended.output)
    assert re.search(r"afterawait: server http://127\.0\.0\.1:\d+ \(pid \d+\), workers 1", ended.output)
    python = sys.version.split()[0]
    assert f"afterawait: Python {python}, coverage " in ended.output
    assert "CTracer, concurrency = greenlet, thread, canary crossed greenlet, thread" in ended.output


def test_a_run_of_everything_uses_both_cores(project: Project) -> None:
    """Client and server take turns: two test processes with a server each leave no core idle; the end names them."""
    ended = project.run("--everything", "--workers=1")

    assert ended.status == 0, ended.output
    assert re.search(r"server gw0 http://127\.0\.0\.1:\d+ \(pid \d+\)", ended.output)
    assert re.search(r"server gw1 http://127\.0\.0\.1:\d+ \(pid \d+\)", ended.output)
    assert "CTracer, concurrency = greenlet, thread" in ended.output
    assert "the gate is passed" in ended.output
    files = json.loads((project.root / "coverage.json").read_text())["files"]
    assert files["tests/test_toy.py"]["summary"]["percent_covered"] == 100, "what test processes ran counts too"


def test_an_application_without_sqlalchemy_sends_the_canary_through_a_thread_alone(finished: Project) -> None:
    """Without greenlets there is nothing to cross; the header says which it was."""
    assert "canary crossed thread" in finished.ended.output


@pytest.mark.lowest
def test_a_failing_test_shows_its_own_part_of_the_servers_log(project: Project) -> None:
    """What the server printed for that test, and nothing of the others."""
    project.replace("toy/main.py", "async def thread(query):\n", "async def thread(query):\n    print('in', query)\n")
    project.write(
        "tests/test_log.py",
        "def test_one(http):\n    http.get('/thread?name=one')\n\n\n"
        "def test_two(http):\n    http.get('/thread?name=two')\n    raise AssertionError\n",
    )

    ended = project.run("-p", "no:terminalprogress")

    assert ended.status == 1, ended.output
    section = ended.output.split("log of server main")[1]
    assert "in {'name': ['two']}" in section
    assert "'one'" not in ended.output


@pytest.mark.parametrize("xdist", [(), ("-n", "2")], ids=["plain", "xdist"])
def test_somebody_elses_server_is_driven_and_not_measured(project: Project, xdist: tuple[str, ...]) -> None:
    """With AFTERAWAIT_BASE_URL the tests run against it, nothing is started, and the report says so."""
    server = project.start(module="serve")
    assert server.stdout is not None
    line = server.stdout.readline()
    while "serving" not in line:
        line = server.stdout.readline()
    url = next(word for word in line.split() if word.startswith("http://"))
    project.write("tests/test_more.py", "def test_needs_its_own(start_server):\n    raise AssertionError\n")

    ended = project.run(*xdist, "-rs", env={"AFTERAWAIT_BASE_URL": url + "/"})

    server.send_signal(signal.SIGINT)
    server.communicate(timeout=TIMEOUT)
    assert ended.status == 0, ended.output
    assert "3 passed, 1 skipped" in ended.output
    assert "not measured: the server was started by somebody else" in ended.output
    assert (project.run_folder / "run.json").exists()


def test_a_server_that_nobody_started_is_said(project: Project) -> None:
    """AFTERAWAIT_BASE_URL of nothing: the tests fail, the harness does not."""
    ended = project.run(env={"AFTERAWAIT_BASE_URL": "http://127.0.0.1:9"})

    assert ended.status == 4, ended.output
    assert "AFTERAWAIT_BASE_URL" in ended.output
    assert "http://127.0.0.1:9" in ended.output


def test_plain_pytest_works_and_says_that_it_does_not_measure(project: Project) -> None:
    """For an editor's run button: the same tests on a live server, without the measurement."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest"],
        cwd=project.root,
        env=project.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "not measured; `afterawait run` measures, merges and reports" in done.stdout
    assert not (project.root / ".coverage").exists()
    assert not processes.of(project.root)


def test_a_test_may_start_servers_of_its_own(project: Project) -> None:
    """Each on a new database and with its own settings, measured like the session's."""
    project.replace("toy/main.py", 'answer = "from"', 'answer = os.environ.get("ANSWER", "from")')
    project.write(
        "tests/test_more.py",
        "import httpx\n\n\ndef test_more(server, start_server):\n"
        "    more = start_server(env={'ANSWER': 'other'})\n"
        "    assert httpx.get(more.url + '/thread').text == 'other a thread'\n"
        "    assert more.database_url != server.database_url\n"
        "    assert more.stop() == 0\n",
    )

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "serving processes: 2" in ended.output
