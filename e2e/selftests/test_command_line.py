"""The command `afterawait`: what it says of itself, and what it makes of a wrong line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from afterawait import __version__
from afterawait.cli.__main__ import VERBS
from afterawait.plugin import hooks
from e2e.selftests.project import Project


def afterawait(*arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as its console script does; `env` is added to this process's."""
    words = [sys.executable, "-m", "afterawait", *arguments]
    more = {**os.environ, **(env or {})}
    return subprocess.run(words, env=more, capture_output=True, text=True, check=False, timeout=30)


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


@pytest.mark.parametrize(
    "line",
    [
        ("nonsense",),
        ("who",),
        ("serve", "--nonsense"),
        ("explore", "--port", "70000"),
        ("run", "--workers", "0"),
        ("run", "--workers=two"),
        ("run", "--shard", "4/3"),
    ],
)
def test_a_wrong_line_is_the_environments_fault(line: tuple[str, ...]) -> None:
    """click's own status for it means "under a gate" here."""
    done = afterawait(*line)

    assert done.returncode == 4, done.stdout
    assert "Usage: afterawait" in done.stderr
    assert "Error: " in done.stderr


def test_a_verb_that_there_is_none_of_is_answered_with_the_nearest() -> None:
    """In click's form, as every wrong line."""
    near, far = afterawait("rum"), afterawait("--json")

    assert "Error: No such command 'rum'. Did you mean 'run'?" in near.stderr
    assert "Usage: afterawait" in near.stderr
    assert (near.returncode, far.returncode) == (4, 4)


def test_what_is_no_option_of_run_goes_to_pytest_in_order(project: Project) -> None:
    """Options that click could take for its own, values that look like options, and all behind `--`."""
    project.write("tests/conftest.py", "def pytest_configure(config):\n    print(config.invocation_params.args)\n")

    ended = project.run("-xvs", "--tb=short", "-k", "not thread", "--fast", "--", "tests/test_toy.py")

    assert ended.status == 0, ended.output
    assert "'-xvs', '--tb=short', '-k', 'not thread', '--', 'tests/test_toy.py')" in ended.output
    assert "2 passed, 1 deselected" in ended.output


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ("--fats", "Did you mean --fast?"),
        ("--shards=1/2", "Did you mean --shard?"),
        ("--sauce", "pytest names it above"),
    ],
)
def test_an_option_that_nobody_knows_is_answered_with_the_nearest(project: Project, option: str, hint: str) -> None:
    """It was taken for one of pytest's, which does not know it either."""
    ended = project.run(option)

    assert ended.status == 4, ended.output
    assert f"environment (4): pytest did not understand its options.\n    {hint}" in ended.output


def test_a_lone_h_is_the_runs_and_among_others_it_is_pytests() -> None:
    """`run` has no short options: -xh is what pytest makes of it."""
    alone = afterawait("run", "-h")
    among = afterawait("run", "-xh")

    assert alone.stdout.startswith("Usage: afterawait run")
    assert among.stdout.startswith("usage: python -m pytest")
    assert (alone.returncode, among.returncode) == (0, 0)


def test_quiet_leaves_out_what_is_good_and_verbose_adds_processes_and_files(
    project: Project, finished: Project
) -> None:
    """pytest's -q and -v, which reach pytest too; a verdict is said in any case."""
    project.replace(".coveragerc", "precision = 2", "precision = 2\nskip_covered = true")

    quiet = project.run("-q").output
    plain = finished.ended.output
    verbose = project.run("-v").output

    assert "measurement  " not in quiet
    assert "TOTAL" not in quiet
    assert "coverage     toy" in quiet
    assert "measurement  " in plain
    assert "TOTAL" in plain
    assert "process      server " not in plain
    assert "process      server " in verbose
    assert "toy/main.py " in verbose
    assert "PASSED" in verbose


def test_a_selected_run_shows_no_tests_that_it_left_out(project: Project) -> None:
    """A file at 0 % that nobody asked for is no finding; in a whole run it is."""
    project.write("tests/test_other.py", "def test_other():\n    assert True\n")

    selected = project.run("tests/test_toy.py", "-v")
    project.write("tests/unused.py", "NEVER = 1\n")
    whole = project.run("-v")

    assert selected.status == 0, selected.output
    assert "tests/test_toy.py " in selected.output.partition("Stmts")[2]
    assert "tests/test_other.py " not in selected.output.partition("Stmts")[2]
    assert "tests/unused.py " in whole.output.partition("Stmts")[2]


@pytest.mark.parametrize(
    ("words", "expected"), [("afterawait wh", "plain,who"), ("afterawait explore --de", "plain,--demo")]
)
def test_shells_complete_verbs_and_options(words: str, expected: str) -> None:
    """As README shows it for each shell; click does it."""
    asked = {"_AFTERAWAIT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}

    done = afterawait(env=asked)

    assert expected in done.stdout.splitlines(), done.stderr


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
