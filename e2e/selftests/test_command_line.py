"""The command `afterawait`: what it says of itself, and what it makes of a wrong line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from afterawait import __version__
from afterawait.cli.__main__ import VERBS
from afterawait.plugin import hooks
from e2e.selftests.project import Project


def afterawait(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command as its console script does."""
    words = [sys.executable, "-m", "afterawait", *arguments]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)


def test_the_version_is_the_packages() -> None:
    """Whoever reports a fault can say it."""
    done = afterawait("--version")

    assert (done.returncode, done.stdout) == (0, f"afterawait, version {__version__}\n")


def test_help_lists_every_verb() -> None:
    """One line each."""
    done = afterawait("--help")

    assert done.returncode == 0
    assert all(f"  {verb} " in done.stdout for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verbs_help_has_examples(verb: str) -> None:
    """Two of them, for whoever reads no more than that."""
    done = afterawait(verb, "--help")

    assert done.returncode == 0, done.stderr
    assert done.stdout.partition("examples:")[2].count(f"afterawait {verb}") >= 2


@pytest.mark.parametrize("line", [("nonsense",), ("who",), ("serve", "--nonsense"), ("explore", "--port", "70000")])
def test_a_wrong_line_is_the_environments_fault(line: tuple[str, ...]) -> None:
    """click's own status for it means "under a gate" here."""
    done = afterawait(*line)

    assert done.returncode == 4, done.stdout
    assert "Usage: afterawait" in done.stderr
    assert "Error: " in done.stderr


def test_what_is_no_option_of_run_goes_to_pytest_in_order(project: Project) -> None:
    """Options that click could take for its own, values that look like options, and all behind `--`."""
    project.write("tests/conftest.py", "def pytest_configure(config):\n    print(config.invocation_params.args)\n")

    ended = project.run("-xvs", "--tb=short", "-k", "not thread", "--fast", "--", "tests/test_toy.py")

    assert ended.status == 0, ended.output
    assert "'-xvs', '--tb=short', '-k', 'not thread', '--', 'tests/test_toy.py')" in ended.output
    assert "2 passed, 1 deselected" in ended.output


def test_on_windows_one_sentence_says_what_to_use() -> None:
    """And no traceback: neither signals nor file locks are there."""
    program = "import sys; from afterawait.cli.__main__ import main; sys.platform = 'win32'; sys.exit(main(['run']))"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30)

    assert done.returncode == 4
    assert done.stderr == "Afterawait runs on Linux and macOS; on Windows use it in WSL.\n"


def test_on_windows_the_plugin_says_the_same(
    tmp_path: Path, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a project of ours; elsewhere it is silent there too."""
    monkeypatch.setattr(sys, "platform", "win32")

    def config_of(root: Path) -> pytest.Config:
        option = SimpleNamespace(help=False, version=False)
        stand_in = SimpleNamespace(option=option, rootpath=root, invocation_params=SimpleNamespace(dir=root))
        return cast("pytest.Config", stand_in)

    hooks.pytest_configure(config_of(tmp_path))

    with pytest.raises(pytest.UsageError, match="on Windows use it in WSL"):
        hooks.pytest_configure(config_of(pytestconfig.rootpath))
