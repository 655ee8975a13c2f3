"""The canary: lines that are known to have run under these settings, and whether they were recorded. Driver process."""

from __future__ import annotations

from afterawait.doctor.findings import Checked, Finding, Level, note, wrong
from afterawait.doctor.project import Project

DOCS = "docs/doctor.md#the-canary"


def check(project: Project) -> Checked:
    """What other checks explain is theirs; what none explains is said here."""
    ran = project.answer.ran or {}
    if not project.ran("thread"):
        return Checked("canary", "could not be measured here", tuple(_unjudged(project)))
    crossed = "greenlet" in ran and project.use("greenlet") is not None
    parts = ["greenlet", "thread", "error"] if crossed else ["thread", "error"]
    lost = {part: project.lost(part) for part in parts}
    seen = sum(len(ran[part]) - len(lost[part]) for part in parts)
    past = {"greenlet": project.answer.crossed, "thread": "a thread", "error": "an error"}
    every = sum(len(ran[part]) for part in parts)
    said = f"{seen} of {every} lines recorded past {', '.join(past[part] for part in parts)}"
    matters = any(lost[part] for part in parts if _is_used(project, part))
    least = Level.WRONG if matters and project.tested.own_settings_measure else Level.GOOD
    return Checked("canary", said, tuple(_unexplained(project, lost)), least)


def _is_used(project: Project, part: str) -> bool:
    """Whether the application goes where a part of the canary went."""
    return project.is_async if part == "error" else project.use(part) is not None


def _unexplained(project: Project, lost: dict[str, list[int]]) -> list[Finding]:
    from afterawait.doctor.checks import concurrency, python

    explained = [*concurrency.check(project).findings, *python.check(project).findings]
    if lost.get("greenlet") and not explained and project.use("greenlet"):
        what = "Lines after an `await` are reported as missed"
        why = "No setting that is known to cause it was found."
        return [wrong(what, why=why, costs=concurrency.COSTS, docs=DOCS, steps=("Please report it with --json.",))]
    return []


def _unjudged(project: Project) -> list[Finding]:
    reason = (
        project.answer.canary_failed
        or "coverage.py leaves out every name that it was tried under: look at omit and include."
    )
    what = "No canary could be measured: nothing was seen, the rest is read from the settings"
    return [note(what, why=str(reason), costs="Nothing by itself.", docs=DOCS)]
