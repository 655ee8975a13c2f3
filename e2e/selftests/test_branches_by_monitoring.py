"""coverage.py's branches by sys.monitoring can be false: a run that is set so counts and gates lines. Test process."""

from __future__ import annotations

import sys
from contextlib import closing

import pytest
from coverage import CoverageData

from e2e.selftests.project import Project
from e2e.selftests.toy_projects import Toy, report

CORE, BRANCH = "${AFTERAWAIT_CORE-ctrace}", "${AFTERAWAIT_BRANCH-true}"
BOTH = "${AFTERAWAIT_CONCURRENCY-greenlet, thread}"


@pytest.mark.skipif(
    sys.version_info < (3, 14), reason="before Python 3.14 coverage.py measures no branches by sys.monitoring"
)
@pytest.mark.parametrize(
    ("settings", "options", "said"),
    [
        ({CORE: "sysmon", BOTH: "thread"}, [], "measures branches by sys.monitoring (core = sysmon)"),
        ({f"core = {CORE}\n": "", BOTH: "thread"}, [], "by sys.monitoring (as coverage.py does by itself on this"),
        ({BRANCH: "true"}, ["--fast"], "coverage.cfg:3 measures branches by sys.monitoring (core = sysmon)"),
    ],
    ids=["core", "no core", "fast"],
)
def test_branches_that_can_be_false_are_said_and_not_counted(
    toy: Toy, settings: dict[str, str], options: list[str], said: str
) -> None:
    """coverage.py claims a branch that was never taken, and a line: the gate is of lines that ran."""
    project = toy("sides")
    for old, new in settings.items():
        project.replace("coverage.cfg", old, new)

    ended = project.run(*options)

    assert ended.status == 0, ended.output
    assert said in ended.output.partition("passed in")[0]
    assert "they can be false; this run counts lines alone" in ended.output
    assert "of lines (branches measured by sys.monitoring can be false): the gate is passed" in ended.output
    assert missing(project) == never_ran(project)
    assert "BrPart" not in ended.output
    with closing(CoverageData(basename=str(project.root / ".coverage"))) as data:
        data.read()
        assert not data.has_arcs()
    assert branch_that_was_never_taken(project) in claimed(project)
    assert never_ran(project) & {end for _, end in claimed(project)}


def test_by_the_c_tracer_the_same_branch_is_missing(toy: Toy) -> None:
    """The default counts branches too."""
    project = toy("sides")

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "of lines and branches: the gate is passed" in ended.output
    assert missing(project) == never_ran(project)
    assert branch_that_was_never_taken(project) not in claimed(project)


def test_a_default_run_that_is_set_to_sys_monitoring_without_branches_is_believed(toy: Toy) -> None:
    """Its lines are exact on every Python, whatever was asked for."""
    project = toy("sides")
    for old, new in {CORE: "sysmon", BOTH: "thread", BRANCH: "false"}.items():
        project.replace("coverage.cfg", old, new)

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "coverage.cfg:5 measures by sys.monitoring (core = sysmon): lines alone" in ended.output
    assert "of lines (branch = false): the gate is passed" in ended.output
    assert missing(project) == never_ran(project)


def test_a_tracer_of_the_shell_does_not_hold_and_one_of_the_settings_is_refused(toy: Toy) -> None:
    """The run says so of the one; the other would have the server alone measured in another way."""
    project = toy("sides", env={"COVERAGE_CORE": "sysmon"})

    ended = project.run(env={"COVERAGE_CORE": "sysmon"})

    assert ended.status == 4, ended.output
    assert "COVERAGE_CORE=sysmon is left out (branches measured by sys.monitoring can be false)" in ended.output
    assert "pyproject.toml:5: [tool.afterawait].env sets COVERAGE_CORE: the server would not" in ended.output
    assert "passed in" not in ended.output


def branch_that_was_never_taken(project: Project) -> tuple[int, int]:
    """From line to line."""
    source = (project.root / "shop/main.py").read_text(encoding="utf-8").splitlines()
    return source.index("        if validated(kind):") + 1, source.index("    return kind") + 1


def never_ran(project: Project) -> set[int]:
    """The shop's lines that nothing runs."""
    source = (project.root / "shop/main.py").read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(source, 1) if "# never" in line}


def missing(project: Project) -> set[int]:
    """The shop's lines that the report calls missing."""
    return set(report(project, ".")["shop/main.py"]["missing_lines"])


def claimed(project: Project) -> set[tuple[int, int]]:
    """All that coverage.py recorded of the shop, from line to line, before anything was combined."""
    found: set[tuple[int, int]] = set()
    for path in project.run_folder.glob(".coverage.*"):
        with closing(CoverageData(basename=str(path))) as data:
            data.read()
            for name in data.measured_files():
                found.update(data.arcs(name) or () if name.endswith("shop/main.py") else ())
    return found
