"""The plugin in projects that are not ours: pytest loads it there too, and it does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.selftests.plain_pytest import PLUGIN, Somebodys, end, entry_point

AT_IMPORT = {"afterawait", "afterawait.protocol", "afterawait.plugin", "afterawait.plugin.hooks"}
NO_SESSION = """\
import signal


def test_no_session(pytestconfig):
    assert [name for name, _ in pytestconfig.pluginmanager.list_name_plugin() if name.startswith("afterawait-")] == []
"""
UNTOUCHED = f"""\
{NO_SESSION}

def test_untouched():
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""
LOADED = "import sys; import pytest; pytest.main(sys.argv[1:]); print('loaded:', *sys.modules)"


@pytest.fixture
def somebodys(tmp_path: Path) -> Iterator[Somebodys]:
    """A project with one test and no settings of ours."""
    project = Somebodys(tmp_path / "somebody's", toy=None)
    project.write("test_untouched.py", UNTOUCHED)
    yield project
    project.close()


def imported(project: Somebodys, *plugin: str) -> set[str]:
    """The modules that a pytest process of the project has loaded at its end, with no other plugin.

    -X importtime does not list what pytest imports through importlib, plugins that is.
    """
    ended = end(project.start("-c", LOADED, *plugin, env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}))
    assert "2 passed" in ended.output, ended.output
    return set(ended.output.rpartition("loaded: ")[2].split())


def test_elsewhere_the_plugin_imports_nothing_but_itself_and_the_protocol(somebodys: Somebodys) -> None:
    """Everybody who has it installed pays for it in every pytest run."""
    somebodys.write("pyproject.toml", "[tool.other]\n")
    without = imported(somebodys)
    with_it = imported(somebodys, *PLUGIN)

    assert "afterawait.plugin.hooks" in with_it
    assert with_it - without <= AT_IMPORT


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(None, id="no file"),
        pytest.param("[project]\nname = 'about-afterawait'\n", id="the name alone"),
        pytest.param("[tool.e2e]\napp = 'm:app'\n", id="the old settings"),
        pytest.param("[tool.poe.tasks]\nafterawait = 'afterawait run'\n", id="a task of that name"),
    ],
)
def test_elsewhere_the_plugin_does_nothing(somebodys: Somebodys, settings: str | None, tmp_path: Path) -> None:
    """No session, no signal handlers, no folder, not a word."""
    if settings is not None:
        somebodys.write("pyproject.toml", settings)
    somebodys.env["PYTHONPATH"] = f"{Path(__file__).parents[2]}:{entry_point(tmp_path / 'site')}"

    ended = end(somebodys.start("-m", "pytest", "-p", "no:randomly"))

    assert ended.status == 0, ended.output
    assert "plugins:" in ended.output
    assert "afterawait:" not in ended.output
    assert not (somebodys.root / ".afterawait").exists()


def test_elsewhere_there_are_no_fixtures_of_ours(somebodys: Somebodys) -> None:
    """`http` and `server` are names that anybody may have."""
    somebodys.write("test_http.py", "def test_http(http):\n    pass\n")

    ended = somebodys.pytest()

    assert ended.status == 1, ended.output
    assert "fixture 'http' not found" in ended.output
    assert "start_server" not in ended.output


def test_a_pytest_that_a_measured_test_starts_is_not_taken_for_the_runs_own(tmp_path: Path) -> None:
    """It inherits the run's variables; the run's manifest and session are not its."""
    project = Somebodys(tmp_path / "hello")
    project.write("other/test_untouched.py", NO_SESSION)
    project.write("other/pytest.ini", "[pytest]\n")
    project.write(
        "tests/test_nested.py",
        "import os\nimport subprocess\nimport sys\n\n\ndef test_nested(http):\n"
        "    assert os.environ['AFTERAWAIT_RUN']\n"
        "    command = [sys.executable, '-m', 'pytest', '-p', 'afterawait.plugin.hooks', '-p', 'no:randomly']\n"
        "    done = subprocess.run(command, cwd='other', capture_output=True, text=True)\n"
        "    assert done.returncode == 0, done.stdout + done.stderr\n"
        "    assert 'afterawait:' not in done.stdout\n",
    )

    ended = project.run("-n0")

    project.close()
    assert ended.status == 0, ended.output
    assert "3 passed" in ended.output
