"""A wrong command line gets one clear sentence and status 4."""

from __future__ import annotations

import pytest

from e2e.selftests.project import Project


def the_sentence(output: str) -> str:
    """The last finding's first line."""
    return [line for line in output.splitlines() if "): " in line and not line.startswith(" ")][-1]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("-k", "no_such_test"), "No tests were found."),
        (("--no-such-option",), "pytest did not understand its options."),
        (("nowhere/",), "pytest cannot find what it is to run: file or directory not found: nowhere/."),
    ],
    ids=["no tests", "option", "path"],
)
def test_arguments_that_are_wrong(project: Project, arguments: tuple[str, ...], sentence: str) -> None:
    """pytest's own exit codes are mapped, never passed through."""
    ended = project.run(*arguments)

    assert ended.status == 4, ended.output
    assert sentence in the_sentence(ended.output)


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("combine", ()),
        ("combine", ("--nope",)),
        ("serve", ("--workers", "x")),
        ("run", ("--shard", "3/2")),
        ("run", ("--shard", "²/3")),
        ("run", ("--workers", "0")),
    ],
)
def test_a_wrong_command_line_is_not_taken_for_missing_coverage(
    project: Project, module: str, arguments: tuple[str, ...]
) -> None:
    """click's own status is 2, which means something else here."""
    ended = project.run(*arguments, module=module)

    assert ended.status == 4, ended.output
    assert "Usage: afterawait" in ended.output


def test_one_port_is_not_for_several_servers(project: Project) -> None:
    """AFTERAWAIT_PORT with -n is said to make no sense, and not ignored."""
    ended = project.run("-n", "2", env={"AFTERAWAIT_PORT": "8123"})

    assert ended.status == 4, ended.output
    assert "AFTERAWAIT_PORT is for one server" in ended.output


@pytest.mark.parametrize("where", ["environment", "settings"])
def test_a_project_without_xdist_runs_in_one_test_process(project: Project, where: str) -> None:
    """Two are the tool's own choice: where pytest-xdist is switched off, pytest would not understand it."""
    env = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    if where == "settings":
        env = {}
        project.replace("pyproject.toml", '"--import-mode=importlib"', '"--import-mode=importlib", "-p", "no:xdist"')

    ended = project.run("--everything", env=env)

    assert ended.status == 0, ended.output
    assert "pid" in ended.output
    assert "server gw0" not in ended.output
