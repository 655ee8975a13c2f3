"""When a server counts as ready, and what is said of one that never is. Test process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from afterawait.services import deaths
from e2e.selftests import processes
from e2e.selftests.project import Project

STARTED = '    await receive()\n    await send({"type": "lifespan.startup.complete"})'
HANGS = {
    "awaits": "await asyncio.Event().wait()",
    "blocks": "__import__('threading').Event().wait()",
}
READ_RECORD = """

def says_that_it_serves():
    import json, pathlib
    paths = pathlib.Path(os.environ["AFTERAWAIT_RUN"]).glob(f"process-{os.getpid()}-*.json")
    return any(json.loads(path.read_text())["served"] for path in paths)
"""


@pytest.mark.parametrize(
    ("hang", "workers"),
    [
        *(("awaits", "1"), ("blocks", "2")),
        pytest.param("awaits", "2", marks=pytest.mark.full),
        pytest.param("blocks", "1", marks=pytest.mark.full),
    ],
)
def test_a_server_that_never_gets_ready_is_the_only_thing_said(project: Project, hang: str, workers: str) -> None:
    """Its lifespan hangs: it served nothing, so it is accused of losing nothing."""
    project.replace("toy/main.py", STARTED, STARTED.replace("\n", f"\n    {HANGS[hang]}\n", 1))
    project.replace("pyproject.toml", "[tool.afterawait.env]", "start_timeout = 4\ngrace = 0\n\n[tool.afterawait.env]")

    ended = project.run("--workers", workers)

    assert ended.status == 1, ended.output
    assert "tests (1): toy.main:app did not start within 4 s." in ended.output
    assert "measurement" not in ended.output
    assert ended.output.count("(1): ") == 1
    assert not processes.of(project.root)


def test_a_further_server_that_never_gets_ready_spoils_no_measurement(project: Project) -> None:
    """The test that started it fails; what the others ran is judged, and good."""
    project.replace(
        "toy/main.py", STARTED, STARTED.replace("\n", f'\n    if "HANG" in os.environ:\n        {HANGS["blocks"]}\n', 1)
    )
    project.replace("pyproject.toml", "[tool.afterawait.env]", "start_timeout = 3\ngrace = 0\n\n[tool.afterawait.env]")
    project.write("tests/test_own.py", "def test_own(start_server):\n    start_server(env={'HANG': '1'})\n")

    ended = project.run()

    assert ended.status == 1, ended.output
    assert "did not start within 3 s" in ended.output
    assert "coverage.py and the witness agree" in ended.output
    assert "(3): " not in ended.output


def test_a_process_serves_when_its_start_up_is_over_and_not_before(project: Project) -> None:
    """The record says so in time for whoever waits for it."""
    project.replace(
        "toy/main.py",
        '    await send({"type": "lifespan.startup.complete"})',
        "    assert_not_yet()\n" + STARTED.splitlines()[1],
    )
    project.replace(
        "toy/main.py",
        "async def app(",
        READ_RECORD + "\n\ndef assert_not_yet():\n    assert not says_that_it_serves()\n\n\nasync def app(",
    )
    project.replace("toy/main.py", '    route = {"/count"', '    assert says_that_it_serves()\n    route = {"/count"')

    ended = project.run()

    assert ended.status == 0, ended.output


@pytest.mark.parametrize("lifespan", ["return", "raise RuntimeError('no lifespan here')"], ids=["ignored", "refused"])
def test_an_application_without_a_lifespan_serves(project: Project, lifespan: str) -> None:
    """Servers go on to serve, and so its measurement is judged."""
    project.replace("toy/main.py", "        await lifespan(receive, send)\n        return", f"        {lifespan}")
    project.replace(
        "toy/main.py", "async def lifespan(receive, send):", "async def lifespan(receive, send):  # pragma: no cover"
    )

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "serving processes: 1" in ended.output


def test_the_server_starts_where_python_drops_docstrings() -> None:
    """PYTHONOPTIMIZE=2 in the shell of the user: no text of ours may stand in one alone."""
    done = subprocess.run(
        [sys.executable, "-OO", "-m", "afterawait.agent.server", "--help"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "--fd" in done.stdout


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        (
            "failed in its lifespan: ConnectionError: Error 111 connecting to localhost:6379. Connection refused.",
            "service",
        ),
        (
            "failed in its lifespan: OSError: Multiple exceptions: [Errno 111] Connect call failed ('::1', 5672)",
            "service",
        ),
        ("ended with exit code 3 before it served", "Fix the application"),
    ],
)
def test_a_start_that_lacks_what_it_connects_to_says_how_to_have_it(reason: str, hint: str) -> None:
    """A run can start it as well."""
    assert hint in deaths.hint_of_start(reason)


def test_a_run_in_which_no_test_asks_for_the_server_says_so(project: Project) -> None:
    """Nothing above it would say why none started."""
    project.write("tests/test_toy.py", "def test_nothing():\n    pass\n")

    ended = project.run()

    assert ended.status == 3, ended.output
    assert "No server was started in this run." in ended.output
    assert "by the fixture `http` or `base_url`" in ended.output
