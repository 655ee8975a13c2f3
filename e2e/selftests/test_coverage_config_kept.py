"""Runs of projects with coverage settings of their own, where they name no `coverage_config`. Test process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from afterawait import protocol
from e2e.selftests.project import Project
from e2e.selftests.toy_projects import Toy, is_whole, percentages, report


def test_a_run_with_settings_of_the_project(toy: Toy) -> None:
    """What they leave out is left out of the report; their gate is for unit tests, their outputs stay untouched."""
    project = toy("src_layout", fail_under=100)
    project.write("src/shop/old/gone.py", "x = 1\n")
    project.write("src/shop/rare.py", "def never():\n    return 1\n")
    project.write(
        "setup.cfg",
        "[coverage:run]\nomit = src/shop/old/*\nparallel = false\n[coverage:report]\nexclude_also = def never\n"
        "fail_under = 101\n[coverage:html]\ndirectory = site\n",
    )

    ended = project.run()

    is_whole(ended, "src/shop")
    assert "coverage     settings of setup.cfg; set by the run: parallel, fail_under, html directory" in ended.output
    assert "the gate is passed (fail_under = 100)" in ended.output
    assert sorted(percentages(project)) == [
        "src/shop/__init__.py",
        "src/shop/inner/answers.py",
        "src/shop/main.py",
        "src/shop/rare.py",
    ]
    assert not (project.root / "site").exists()
    assert not (project.root / ".coverage").exists()


@pytest.mark.parametrize("mode", [(), ("--fast",)], ids=["default", "fast"])
def test_a_run_of_a_project_that_uses_covdefaults(toy: Toy, mode: tuple[str, ...]) -> None:
    """Its `branch = true` and its gate of 100 % are no business of the run's."""
    project = toy("src_layout", fail_under=80)
    project.write("src/shop/base.py", "class Base:\n    def name(self):\n        raise NotImplementedError\n")
    project.write(".coveragerc", "[run]\nplugins = covdefaults\n")

    ended = project.run(*mode)

    assert ended.status == 0, ended.output
    assert report(project)["src/shop/base.py"]["excluded_lines"] == [3]


def test_branches_that_the_project_does_not_measure_are_not_measured(toy: Toy) -> None:
    """The figure says so."""
    project = toy("src_layout", fail_under=100)
    project.write("tox.ini", "[coverage:run]\nbranch = false\n")

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "src/shop 100.00 % of lines (branch = false): the gate is passed" in ended.output


def test_tests_that_the_project_measures_are_measured(toy: Toy) -> None:
    """They are a source like another."""
    project = toy("src_layout", fail_under=100)
    project.write("setup.cfg", "[coverage:run]\nsource = src/shop, tests\n")

    ended = project.run()

    assert ended.status == 0, ended.output
    assert percentages(project)["tests/test_shop.py"] == 100


def test_coverage_py_itself_combines_and_reports_a_runs_data(toy: Toy) -> None:
    """With the run's configuration: the canary, which is no file, is in its way in neither."""
    project = toy("src_layout")
    assert project.run().status == 0
    folder = (project.root / ".afterawait/latest").resolve()
    (folder / protocol.DATA_FILE).unlink()

    for command in ("combine", "report", "xml", "html"):
        ended = coverage(project, command, f"--rcfile={folder / 'coverage.toml'}")

        assert ended.returncode == 0, ended.stdout + ended.stderr
    assert not list(folder.glob(protocol.DATA_FILES))


def coverage(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command of coverage.py at the project's root."""
    return subprocess.run(
        [sys.executable, "-m", "coverage", *arguments],
        cwd=project.root,
        env=project.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
