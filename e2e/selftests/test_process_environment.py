"""The environment of measured processes: nothing of the shell's coverage settings, the project's import roots first."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from afterawait import protocol, settings
from afterawait.runs.folder import RunFolder
from afterawait.services import environment
from e2e.selftests.project import ROOT

APP = 'app = "shop.main:app"\n'


def load(root: Path, table: str, **environ: str) -> settings.Settings:
    """The settings of a project with that table, and nothing else in pyproject.toml."""
    (root / "pyproject.toml").write_text(f"[tool.afterawait]\n{table}", encoding="utf-8")
    return settings.load(root, environ)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project's root with the package `shop`."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").touch()
    return tmp_path


def test_what_the_shell_says_to_coverage_is_not_passed_on(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another tracer, configuration or data file than the run's would change what is measured."""
    for name in [*protocol.COVERAGE_VARIABLES, "PYTHONDONTWRITEBYTECODE"]:
        monkeypatch.setenv(name, "/elsewhere")
    monkeypatch.setenv("COVERAGE_OF_MY_INSURANCE", "full")
    run = RunFolder(root / "run")
    run.path.mkdir()

    made = environment.of_process(load(root, APP), run, role="server", measured=True)

    ours = {protocol.COVERAGE_START: str(run.path / "coverage.toml"), protocol.COVERAGE_FILE: str(run.data_file)}
    assert {name: value for name, value in made.items() if name in protocol.COVERAGE_VARIABLES} == ours
    assert "PYTHONDONTWRITEBYTECODE" not in made
    assert made["COVERAGE_OF_MY_INSURANCE"] == "full"


def test_the_projects_import_roots_come_first(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then this checkout, whose `app/` must not hide the project's; then what the shell says; each once."""
    (root / "src").mkdir()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), "/theirs", str(root)]))

    made = environment.of_process(load(root, APP), RunFolder(root / "run"), role="server", measured=False)

    assert made["PYTHONPATH"].split(os.pathsep) == [str(root), str(root / "src"), str(ROOT), "/theirs"]


def test_an_installed_tool_is_not_put_on_the_path(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """site-packages before the standard library would hide parts of it."""
    monkeypatch.setattr(environment, "CHECKOUT", False)
    monkeypatch.delenv("PYTHONPATH", raising=False)

    made = environment.of_process(load(root, APP), RunFolder(root / "run"), role="server", measured=False)

    assert made["PYTHONPATH"] == str(root)


def test_a_pythonpath_in_the_settings_is_joined() -> None:
    """It comes first, and what finds the start hook stays."""
    joined = environment.extended({"PYTHONPATH": "/root:/tool", "A": "1"}, {"PYTHONPATH": "lib:/tool", "B": "2"})

    assert joined == {"PYTHONPATH": "lib:/tool:/root", "A": "1", "B": "2"}
