"""Bad input gets one clear sentence and the right exit status, and leaves nothing running."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.selftests import processes
from e2e.selftests.project import Project, environment


def the_sentence(output: str) -> str:
    """The last finding's first line."""
    return [line for line in output.splitlines() if "): " in line and not line.startswith(" ")][-1]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_application_that_fails_in_its_lifespan(project: Project, workers: str) -> None:
    """What it says as it fails is the sentence."""
    project.replace(
        "toy/main.py",
        '    await receive()\n    await send({"type": "lifespan.startup.complete"})',
        '    await receive()\n    await send({"type": "lifespan.startup.failed", "message": "no brokers"})\n    return',
    )

    ended = project.run("--workers", workers)

    assert ended.status == 1, ended.output
    assert "tests (1): toy.main:app failed in its lifespan: no brokers" in ended.output
    assert not processes.of(project.root)


def test_an_application_that_does_not_come_up_in_time(project: Project) -> None:
    """The wait has a deadline, and the sentence names the setting that moves it."""
    project.replace("toy/main.py", "import asyncio\n", "import asyncio\nimport threading\n\nthreading.Event().wait()\n")
    project.replace("pyproject.toml", "[tool.afterawait.env]", "start_timeout = 1\n\n[tool.afterawait.env]")

    ended = project.run()

    assert ended.status == 1, ended.output
    assert "toy.main:app did not start within 1 s." in ended.output
    assert not processes.of(project.root)


def test_a_session_that_is_given_up_costs_no_earlier_results(judged: Project) -> None:
    """What it measured by then is the coverage of a part: no gate, no advice, and it is not the latest run."""
    latest = (judged.root / ".afterawait" / "latest").readlink()
    judged.write("tests/test_0.py", "import pytest\n\n\ndef test(http):\n    pytest.exit('enough', returncode=3)\n")

    ended = judged.run("-n", "0")

    assert ended.status == 4, ended.output
    assert "no gate: it was cut short" in ended.output
    assert "write fail_under" not in ended.output
    assert (judged.root / ".afterawait" / "latest").readlink() == latest


def test_a_setup_command_that_fails(project: Project) -> None:
    """Its output is shown, the command is named."""
    project.write("setup_fails.py", "print('no schema today')\nraise SystemExit(7)\n")
    project.replace(
        "pyproject.toml", "[tool.afterawait.env]", 'setup = "python setup_fails.py"\n\n[tool.afterawait.env]'
    )

    ended = project.run()

    assert ended.status == 1, ended.output
    assert "The setup command failed with exit code 7: python setup_fails.py" in ended.output
    assert "no schema today" in ended.output


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql+aiomysql://localhost/x", "asks for 'mysql+aiomysql'"),
        ("postgresql+asyncpg://somebody:hidden@127.0.0.1:1/x", "127.0.0.1"),
        ("no url at all", "DATABASE_URL is not the URL of a database"),
    ],
    ids=["unknown driver", "unreachable", "no url"],
)
def test_a_database_that_cannot_be_used(project: Project, url: str, sentence: str) -> None:
    """Status 4, and the password is nowhere."""
    ended = project.run(env={"DATABASE_URL": url})

    assert ended.status == 4, ended.output
    assert sentence in the_sentence(ended.output)
    assert "hidden" not in ended.output


def test_a_port_that_is_taken(project: Project) -> None:
    """A port asked for and not to be had is the environment's fault, not the application's."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        ended = project.run(env={"AFTERAWAIT_PORT": str(port)})

    assert ended.status == 4, ended.output
    assert f"Port {port} of 127.0.0.1 cannot be used: Address already in use." in ended.output


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_a_port_that_is_no_port(project: Project, port: str) -> None:
    """Said before anything is started."""
    ended = project.run(env={"AFTERAWAIT_PORT": port})

    assert ended.status == 4, ended.output
    assert f"AFTERAWAIT_PORT is {port!r}" in ended.output


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ('[tool.afterawait]\nsource = ["toy"]\n', "[tool.afterawait].app is not set"),
        ('[tool.afterawait]\napp = "nowhere:app"\n', "there is no nowhere/ or nowhere.py in ."),
        ('[tool.afterawait]\napp = "toy.main:app"\nsource = ["nowhere"]\n', "[tool.afterawait].source names nowhere"),
        (
            '[tool.afterawait]\napp = "toy.main"\nsource = ["toy"]\n',
            "[tool.afterawait].app is 'toy.main', which is not",
        ),
        ('[tool.afterawait]\napp = "toy.main:app"\ngrace = -1\n', "[tool.afterawait].grace is -1, which is not"),
        ('[tool.afterawait]\napp = "toy.main:app"\nsauce = 1\n', "has no key `sauce`"),
        ("[tool.other]\n", "has no [tool.afterawait]"),
        ("[tool.afterawait\n", "is not TOML"),
    ],
    ids=["no app", "no source", "no folder", "no attribute", "grace", "unknown key", "no table", "no TOML"],
)
@pytest.mark.parametrize("module", ["run", "serve", "explore"])
def test_settings_that_are_wrong(project: Project, module: str, table: str, sentence: str) -> None:
    """The key that is wrong is named, and what an earlier run left is still there; test_settings.py has all keys."""
    kept = project.write(".afterawait/runs/20260101-000000-0000/kept", "")
    project.write("pyproject.toml", table)

    ended = project.run(module=module)

    assert ended.status == 4, ended.output
    assert sentence in the_sentence(ended.output)
    assert kept.exists()


def test_an_unknown_placeholder(project: Project) -> None:
    """{db.host} and its like are known; what is not, is named beside what is."""
    project.replace("pyproject.toml", '"{db.url}"', '"{db.wrong}"')

    ended = project.run()

    assert ended.status == 4, ended.output
    assert "{db.wrong}" in the_sentence(ended.output)


def test_a_command_that_runs_nothing_of_the_application(project: Project) -> None:
    """There is nothing to report, and the settings that may be the reason are named."""
    ended = project.run("--", "python", "-c", "1", module="record")

    assert ended.status == 3, ended.output
    assert the_sentence(ended.output) == "measurement (3): No line of toy was measured."


def test_a_python_that_is_too_old(tmp_path: Path) -> None:
    """It is told so in a sentence, although it cannot read any other module."""
    told_otherwise = "import sys; sys.version_info = (3, 11, 4, 'final', 0); del sys.modules['typing'].override"
    code = f"import typing; {told_otherwise}; import runpy; runpy.run_module('afterawait', run_name='__main__')"

    ended = subprocess.run(
        [sys.executable, "-c", code, "run"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 4
    assert ended.stderr.startswith("environment (4): This is Python 3.11, and afterawait needs 3.12 or newer.\n")
    assert not ended.stdout


def test_tests_that_cannot_be_collected(project: Project) -> None:
    """A broken test file is a failed test, not a fault of the environment."""
    project.write("tests/test_broken.py", "import no_such_module\n")

    ended = project.run()

    assert ended.status == 1, ended.output
    assert "tests (1): tests/test_broken.py cannot be collected: ModuleNotFoundError" in ended.output


@pytest.fixture
def unwritable(small_disk: Path) -> Iterator[Project]:
    """A project that cannot be written: read-only, since root may write where modes forbid it."""
    project = Project(small_disk / "checkout")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    yield project
    project.close()


def test_a_checkout_that_cannot_be_written(unwritable: Project) -> None:
    """No right to write means no run, and the folder is named."""
    ended = unwritable.run()

    assert ended.status == 4, ended.output
    assert f"{unwritable.root}/.afterawait cannot be written: Read-only file system." in ended.output


def test_a_disk_that_is_full_when_coverage_saves(small_disk: Path) -> None:
    """The data that did not fit are missed, by name of their process; the run is not believed."""
    project = Project(small_disk / "checkout")
    project.write(
        "tests/test_zz.py",
        "import pathlib\n\n\ndef test_fill(http):\n    assert http.get('/thread').status_code == 200\n"
        "    try:\n        with pathlib.Path('.afterawait/filler').open('wb', buffering=0) as filler:\n"
        "            while filler.write(b'0' * 4096):\n                pass\n"
        "    except OSError:\n        pass\n",
    )

    ended = project.run()

    assert ended.status == 3, ended.output
    assert "is damaged" in ended.output or "left no data file" in ended.output
    assert "cannot be written: No space left on device" in ended.output
    assert "afterawait/cli/__main__.py" not in ended.output
    assert not processes.of(project.root)
