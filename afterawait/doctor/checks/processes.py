"""Processes that end past Python's own end, where coverage.py saves: forked, multiprocessing's. Driver process."""

from __future__ import annotations

from afterawait.doctor.checks.concurrency import wanted
from afterawait.doctor.findings import Change, Checked, Finding, wrong
from afterawait.doctor.project import Project

DOCS = "docs/doctor.md#processes"


def check(project: Project) -> Checked:
    """Those that the measured code, or a test, starts from within Python."""
    if project.tested.afterawait:
        return Checked("processes", "a run's processes save at each end", ())
    said = "none that ends past Python's own end"
    if "multiprocessing" in project.concurrency or "_exit" in project.options("patch"):
        said = "those that end past Python's own end save"
    return Checked("processes", said, (*_processes(project), *_forks(project)))


def _processes(project: Project) -> list[Finding]:
    place = project.measured_use("process") or next((s.place for s in project.starts() if s.kind == "process"), None)
    if place is None or "multiprocessing" in project.concurrency or "_exit" in project.options("patch"):
        return []
    return [
        wrong(
            "What runs in processes of multiprocessing is reported as missed",
            why=f"{place} has `{place.what}`. Its processes end past Python's own end, where coverage.py saves.",
            costs="Every line that only such a process runs.",
            docs=DOCS,
            changes=(
                Change("run:concurrency", ("thread", "multiprocessing")),
                Change("run:parallel", value=True),
                Change("run:sigterm", value=True),
                *wanted(project),
            ),
        )
    ]


def _forks(project: Project) -> list[Finding]:
    both = [
        each for each in project.source.modules if {"fork", "_exit"} <= each.uses.keys() and project.is_measured(each)
    ]
    if not both or "_exit" in project.options("patch"):
        return []
    place = both[0].uses["fork"]
    return [
        wrong(
            "What a forked process runs is reported as missed",
            why=f"{place} has `os.fork(...)`, and {both[0].uses['_exit']} `os._exit(...)`: past Python's own end, where"
            " coverage.py saves.",
            costs="Every line that only the forked process runs.",
            docs=DOCS,
            changes=(Change("run:patch", ("_exit",)), Change("run:parallel", value=True)),
        )
    ]
