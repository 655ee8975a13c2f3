"""Branches: by sys.monitoring, the default from Python 3.14 on, some are claimed that never ran. Driver process."""

from __future__ import annotations

from afterawait.doctor.checks.concurrency import by_monitoring, switching, wanted
from afterawait.doctor.findings import Change, Checked, Finding, note, wrong
from afterawait.doctor.project import MONITOR, PYTHON_TRACER, Project

NAMES = {"CTracer": "the C tracer", PYTHON_TRACER: "the Python tracer", MONITOR: "sys.monitoring"}
DOCS = "docs/doctor.md#branches-that-never-ran"


def check(project: Project) -> Checked:
    """The canary has a branch that it never takes."""
    branches = "lines and branches" if project.option("branch") else "lines"
    said = f"{branches} by {NAMES.get(project.tracer, project.tracer or 'nothing')}"
    return Checked("core", said, tuple(_findings(project)))


def _findings(project: Project) -> list[Finding]:
    core = project.option("core")
    if project.tracer == MONITOR and project.option("branch"):
        how = (
            f"`core = {core}`" if core else "No `core` is set, and from Python 3.14 on coverage.py takes sys.monitoring"
        )
        more = {
            "why": f"{how}. With it, a branch is reported as taken where a call was left by an error, or where two"
            " coroutines of one function take turns.",
            "costs": "100 % was reported where 94 to 96 % were true. Lines are exact.",
            "docs": DOCS,
            "changes": by_monitoring(project)
            if switching(project)
            else (Change("run:core", value="ctrace"), *wanted(project)),
        }
        what = "Branches that never ran are reported as taken"
        if project.answer.false_branch:
            return [wrong(what, seen="a branch that the canary never takes was reported as taken.", **more)]
        if not project.ran("thread"):
            return [wrong(what, **more)]
        return []
    if project.tracer == PYTHON_TRACER:
        timid = "`timid = true` asks for it." if project.option("timid") else "coverage.py's C extension is missing."
        return [
            note(
                "coverage.py measures by its Python tracer, which knows no greenlets and is slow",
                why=timid,
                costs="2.7 times the CPU of a bare server; with async SQLAlchemy, 191 to 231 of about 920 statements.",
                docs=DOCS,
                changes=(Change("run:timid"),) if project.option("timid") else (),
            )
        ]
    return []
