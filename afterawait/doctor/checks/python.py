"""Python: before 3.12 no setting of coverage.py measures async code without loss. Driver process."""

from __future__ import annotations

from afterawait.doctor.findings import Checked, Finding, note, wrong
from afterawait.doctor.project import Project

OLDEST = (3, 12)
DOCS = "docs/mechanism.md#why-not-python-311"


def check(project: Project) -> Checked:
    """The canary's coroutine that goes on after an error shows it."""
    version = tuple(project.answer.python or ())
    said = f"{'.'.join(map(str, version))}, {project.python.name}"
    return Checked("Python", said, tuple(_findings(project, version)))


def _findings(project: Project, version: tuple[int, ...]) -> list[Finding]:
    if version >= OLDEST or not project.is_async:
        return []
    known = ".".join(map(str, version[:2]))
    more = {
        "why": f"Python {known} does not tell a tracer that a coroutine goes on after it has caught an error: cpython"
        " issue 106749. No setting of coverage.py helps.",
        "costs": "5 to 14 of about 920 statements of a measured server, in callers of coroutines that catch an error.",
        "docs": DOCS,
        "steps": ("Run the tests with Python 3.12 or newer where coverage counts.",),
    }
    what = f"On Python {known}, lines after a caught error are reported as missed"
    if lost := project.lost("error"):
        seen = f"{len(lost)} of the {len(project.ran('error'))} lines past an error in a coroutine were not recorded."
        return [wrong(what, seen=seen, **more)]
    return [] if project.ran("error") else [note(what, **more)]
