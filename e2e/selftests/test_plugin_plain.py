"""Plain pytest in a project of ours: a server that is not measured, and a run that goes on let be."""

from __future__ import annotations

import re
import signal

import psutil
import pytest

from afterawait.runs import lock
from e2e.selftests import processes
from e2e.selftests.plain_pytest import Somebodys, end

UNMEASURED = "not measured; `afterawait run` measures, merges and reports"
STARTED = r"server http://127\.0\.0\.1:\d+ \(pid (\d+)\), workers 1, SQLite"
WAITING = """\
import pathlib
import time


def test_until_told(http, pytestconfig):
    pathlib.Path("server-pid").write_text(str(http.get("/").json()["pid"]))
    while not pathlib.Path("go").exists():
        time.sleep(0.02)
"""


def started_nothing(hello: Somebodys) -> bool:
    """Whether neither the setup command has run nor anything been made."""
    return not (hello.root / "setup-ran").exists() and not (hello.root / ".afterawait").exists()


def is_clean(hello: Somebodys) -> bool:
    """Whether no process and no folder of a session is left."""
    plain = hello.root / ".afterawait" / "plain"
    return not processes.of(hello.root) and not [each for each in plain.iterdir() if each.is_dir()]


def test_plain_pytest_starts_the_server_and_says_that_it_does_not_measure(hello: Somebodys) -> None:
    """As an editor's run button does; nothing is left of it."""
    ended = hello.pytest()

    assert ended.status == 0, ended.output
    assert "2 passed" in ended.output
    assert UNMEASURED in ended.output
    assert re.search(STARTED, ended.output)
    assert is_clean(hello)
    assert {each.name for each in (hello.root / ".afterawait").iterdir()} == {".gitignore", "plain"}


def test_a_project_inside_another_is_found_where_pytest_is_called(hello: Somebodys) -> None:
    """Whose settings of pytest it takes: pytest's root is then the outer one's."""
    settings = (hello.root / "pyproject.toml").read_text(encoding="utf-8")
    hello.write("pyproject.toml", settings.partition("[tool.pytest")[0])
    (hello.root.parent / "pytest.ini").write_text("[pytest]\naddopts = -p no:randomly\n")

    ended = hello.pytest("tests")

    assert ended.status == 0, ended.output
    assert f"rootdir: {hello.root.parent}\n" in ended.output


def test_under_plain_pytest_the_server_is_not_measured(hello: Somebodys) -> None:
    """No coverage.py, no witness, no start hook: what a debugger would trip over. Not even where pytest itself is."""
    hello.write(
        "tests/test_measured.py",
        "def test_measured(http):\n"
        "    server = http.get('/').json()\n"
        "    assert not {'coverage', 'afterawait.agent.witness.monitor'} & set(server['modules'])\n"
        "    assert not {'AFTERAWAIT_RUN', 'COVERAGE_PROCESS_START'} & set(server['environment'])\n"
        "    assert server['environment']['DATABASE_URL'].startswith('sqlite')\n",
    )

    hello.write(".coveragerc", "[run]\nparallel = true\n")

    ended = hello.pytest(env={"COVERAGE_PROCESS_START": str(hello.root / ".coveragerc")})

    assert ended.status == 0, ended.output
    assert "3 passed" in ended.output


def test_plain_pytest_goes_beside_a_run_and_leaves_its_results(hello: Somebodys) -> None:
    """It takes no lock, and what the last run left stays."""
    state = hello.root / ".afterawait"
    left = state / "runs/20260101-000000-0000/run.json"
    hello.write(str(left.relative_to(hello.root)), "of a run")
    (state / "latest").symlink_to("runs/20260101-000000-0000")

    with lock.only_run(state, grace=0):
        ended = hello.pytest()

    assert ended.status == 0, ended.output
    assert left.read_text() == (state / "latest/run.json").read_text() == "of a run"


def test_two_plain_sessions_go_on_at_once(hello: Somebodys) -> None:
    """Each with a server, a database and a folder of its own."""
    hello.write("tests/test_waiting.py", WAITING)
    first = hello.start_pytest("tests/test_waiting.py")
    processes.until((hello.root / "server-pid").exists, "the first session's server answers")

    second = hello.pytest("tests/test_hello.py")
    hello.write("go", "")
    ended = end(first)

    assert second.status == 0, second.output
    assert ended.status == 0, ended.output
    assert is_clean(hello)


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_where_no_test_asks_for_a_server_nothing_is_started(hello: Somebodys, workers: tuple[str, ...]) -> None:
    """Unit tests in the same project pay nothing, and a setting that is wrong is none of their business."""
    hello.replace("pyproject.toml", 'source = ["hello"]', 'source = ["absent"]')
    hello.write("tests/test_unit.py", "def test_unit():\n    pass\n")

    ended = hello.pytest("tests/test_unit.py", *workers)

    assert ended.status == 0, ended.output
    assert started_nothing(hello)


@pytest.mark.parametrize("option", ["--collect-only", "--fixtures", "--fixtures-per-test", "--setup-plan", "--help"])
def test_options_that_only_look_start_nothing(hello: Somebodys, option: str) -> None:
    """They show what there is: tests, our fixtures with their types, our options."""
    shown = {
        "--collect-only": "test_it_answers",
        "--fixtures": "httpx.Client: a client of the server",
        "--fixtures-per-test": "httpx.Client: a client of the server",
        "--setup-plan": "SETUP    S base_url",
        "--help": "--server-workers",
    }

    ended = hello.pytest(option)

    assert ended.status == 0, ended.output
    assert shown[option] in ended.output
    assert started_nothing(hello)


def test_under_plain_pytest_each_xdist_worker_has_a_server_of_its_own(hello: Somebodys) -> None:
    """Named at the end; nothing is left of them."""
    ended = hello.pytest("-n", "2", "--dist=each")

    assert ended.status == 0, ended.output
    assert "4 passed" in ended.output
    assert "afterawait: server gw0 http://127.0.0.1:" in ended.output
    assert "afterawait: server gw1 http://127.0.0.1:" in ended.output
    assert is_clean(hello)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_however_a_plain_session_ends_its_server_ends_too(hello: Somebodys, number: signal.Signals) -> None:
    """An IDE's stop button sends one of these; what only a kill leaves, the next session removes."""
    hello.write("tests/test_waiting.py", WAITING)
    session = hello.start_pytest("tests/test_waiting.py")
    processes.until((hello.root / "server-pid").exists, "the server answers")
    processes.until(lambda: (hello.root / "server-pid").read_text() != "", "its pid is written")
    pid = int((hello.root / "server-pid").read_text())

    session.send_signal(number)
    session.communicate(timeout=processes.DEADLINE)

    processes.until(lambda: not psutil.pid_exists(pid), "the server has ended")
    if number == signal.SIGKILL:
        hello.pytest("tests/test_hello.py")
    assert is_clean(hello)
