"""Processes that an application starts, each way: told apart, their lines kept, or it is said why not. Whole runs."""

from __future__ import annotations

import re

import pytest

from afterawait import protocol
from afterawait.agent import record
from afterawait.evidence import recordings
from e2e.selftests.project import Project
from e2e.selftests.toy_projects import Toy, report

CREDITED = {"by_fork": "test_way[fork]", "by_fork_in_a_thread": "", "by_subprocess": ""}
"""What is forked is its test's; a thread and a process that starts anew are outside of any."""
FORKS = 5
"""By os.fork, in a thread, before an exec, and two of multiprocessing."""


def line_of(project: Project, function: str) -> int:
    """The number of the line that this function alone runs."""
    text = (project.root / "starter/children.py").read_text()
    return text[: text.index(f"def {function}(")].count("\n") + 2


def credited(project: Project) -> dict[int, set[str]]:
    """By line of what the started processes run: the tests, "" beside them."""
    found: dict[int, set[str]] = {}
    for path in project.run_folder.glob(protocol.WITNESS_FILES):
        for row, name, lines in recordings.read(path).by_row():
            if name.endswith("children.py"):
                for line in lines:
                    found.setdefault(line, set()).add(row.name.rpartition("::")[2])
    return found


@pytest.mark.parametrize(
    ("arguments", "seen"), [(["-k", "not sub_interpreter"], "(?!sub)"), (["--fast"], "")], ids=["default", "fast"]
)
def test_what_started_processes_run_is_kept(toy: Toy, arguments: list[str], seen: str) -> None:
    """By fork, from a thread, exec, subprocess, multiprocessing: one record a process, every line, a believed run.

    A sub-interpreter is one more by sys.monitoring.
    """
    project = toy("processes")

    ended = project.run(*arguments)

    assert ended.status == 0, ended.output
    reached = set(report(project)["starter/children.py"]["executed_lines"])
    text = (project.root / "starter/children.py").read_text()
    functions = set(re.findall(rf"def ((?:by|in_a)_{seen}\w+)\(", text))
    assert {each for each in functions if line_of(project, each) not in reached} == set()
    credit = credited(project)
    assert {function: credit[line_of(project, function)] for function in CREDITED} == {
        function: {test} for function, test in CREDITED.items()
    }
    records = [record.read(path) for path in project.run_folder.glob("process-*.json")]
    [server] = [each for each in records if each.served]
    assert len([each for each in records if each.parent == server.pid]) >= FORKS
    [became] = [each for each in records if each.became]
    [after] = [each for each in records if each.pid == became.pid and each is not became]
    assert (became.parent, after.parent) == (server.pid, 0)


def test_a_sub_interpreter_is_measured_by_monitoring_alone(toy: Toy) -> None:
    """coverage.py's C tracer does not load there: the run says which, why, and what cures it."""
    project = toy("processes")

    ended = project.run("-k", "sub_interpreter")

    assert ended.status == 3, ended.output
    assert re.search(r"The sub-interpreter 1 of the process \d+ was not measured by coverage.py", ended.output)
    assert "does not load in a sub-interpreter: measure with --fast" in ended.output
