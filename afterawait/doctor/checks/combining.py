"""Combine: a data file for each process, in one folder, brought together in the end. Driver process."""

from __future__ import annotations

import os
from pathlib import Path

from afterawait import protocol
from afterawait.doctor.checks import subprocesses
from afterawait.doctor.findings import Change, Checked, Finding, note, wrong
from afterawait.doctor.project import Project
from afterawait.doctor.starts import Start

BY_ITSELF = (7, 14)
"""From here on the reporting commands combine what there is."""
DOCS = "docs/doctor.md#combine"


def check(project: Project) -> Checked:
    """What coverage.py will write, and who brings it together."""
    parallel = bool(project.option("parallel")) or "multiprocessing" in project.concurrency
    where = project.option("data_file") or ".coverage"
    said = f"{'a data file for each process' if parallel else 'one data file'}, {where}"
    if project.tested.afterawait and not parallel and project.tested.rcfile:
        return Checked("combine", said, tuple(_overwritten(project, None)))
    if project.tested.afterawait:
        return Checked("combine", "a run combines", ())
    starts = [each for each in project.starts() if each.kind != "process"]
    findings: list[Finding] = []
    if starts and subprocesses.way_of(project) == "start":
        findings += [] if parallel else _overwritten(project, starts[0])
        findings += _elsewhere(starts, str(where))
    if (
        parallel
        and not project.tested.pytest_cov
        and project.version < BY_ITSELF
        and not any(project.tested.says("coverage", "combine"))
    ):
        what = "Nothing here combines the data files"
        why = "Each process writes a file of its own, and no command in the project's files has `coverage combine`."
        costs = '`coverage report` says "No data to report", or reports an older .coverage.'
        findings.append(note(what, why=why, costs=costs, docs=DOCS, steps=("coverage combine",)))
    return Checked("combine", said, tuple(findings))


def _overwritten(project: Project, start: Start | None) -> list[Finding]:
    why = f"{start.place} starts `{start.command}`, which writes" if start else "The processes of a run write"
    return [
        wrong(
            "Processes overwrite each other's data",
            why=f"{why} to the same {project.option('data_file') or '.coverage'}: `parallel = true` is missing.",
            costs="All data but those of the process that ends last.",
            docs=DOCS,
            changes=(Change("run:parallel", value=True),),
        )
    ]


def _elsewhere(starts: list[Start], where: str) -> list[Finding]:
    first = next((each for each in starts if each.elsewhere), None)
    if first is None or Path(where).is_absolute() or os.environ.get(protocol.COVERAGE_FILE):
        return []
    return [
        wrong(
            "The data of a process that is started in another folder stay there",
            why=f"{first.place} passes `cwd`, and `data_file` and `source` are looked for from there.",
            costs="All that this process measured.",
            docs=DOCS,
            changes=(Change("run:patch", ("subprocess",)),),
        )
    ]
