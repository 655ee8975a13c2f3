"""Concurrency: greenlets and threads that the application uses, against what is traced. Driver process."""

from __future__ import annotations

from afterawait.doctor.findings import Change, Checked, Finding, note, wrong
from afterawait.doctor.project import MONITOR, PYTHON_TRACER, Project
from afterawait.doctor.source_code import Place

LIGHT = ("greenlet", "gevent", "eventlet")
DOCS = "docs/doctor.md#lines-after-an-await"
COSTS = (
    "177 to 230 of 910 to 937 statements that ran; in three public backends, 6 to 23 % of the lines run in functions."
)


def check(project: Project) -> Checked:
    """What is used is seen in the code, what is lost in the canary."""
    said = ", ".join(project.concurrency)
    if project.tracer == MONITOR:
        said += ": sys.monitoring needs none for greenlets and threads"
    findings = [
        *_switches(project),
        *_greenlets(project),
        *_threads(project),
    ]
    return Checked("concurrency", said, tuple(findings))


def by_monitoring(project: Project) -> tuple[Change, ...]:
    """What an application that switches greenlets itself needs: sys.monitoring, whose branches are not exact."""
    return (
        Change("run:core", value="sysmon"),
        Change("run:concurrency", ("thread",), without=LIGHT),
        *([Change("run:branch", value=False)] if project.option("branch") else ()),
    )


def switching(project: Project) -> tuple[str, Place] | None:
    """What switches greenlets past SQLAlchemy, and where; None before Python 3.12, which has no tracer that sees it."""
    if tuple(project.answer.python or ()) < (3, 12):
        return None
    for kind in ("gevent", "eventlet"):
        if place := project.use(kind):
            return kind, place
    for each in project.source.modules:
        if {"own greenlets", "switch"} <= each.uses.keys() and project.is_measured(each):
            return "greenlet", each.uses["switch"]
    return None


def wanted(project: Project) -> tuple[Change, ...]:
    """`concurrency` as this application needs it by the C tracer; none where it is so."""
    if switching(project):
        return by_monitoring(project)
    light = _light(project)
    values = tuple(each for each in (light[0] if light else "", "thread") if each)
    if set(values) <= set(project.concurrency):
        return ()
    kept = project.options("concurrency")
    return (Change("run:concurrency", (*values, *(each for each in kept if each not in values))),)


def _light(project: Project) -> tuple[str, Place] | None:
    """The kind of greenlets that the tracer has to know, and where they are used."""
    kinds = ("greenlet",) if switching(project) else ("gevent", "eventlet", "greenlet")
    return next(((kind, place) for kind in kinds if (place := project.use(kind))), None)


def _greenlets(project: Project) -> list[Finding]:
    light = _light(project)
    if light is None or set(LIGHT) & set(project.options("concurrency")):
        return []
    kind, place = light
    lost, ran = project.lost("greenlet"), project.ran("greenlet")
    if project.tracer == MONITOR:
        return _elsewhere(project, place)
    if ran and not lost and kind == "greenlet":
        return []
    changes = [*wanted(project)]
    if project.tracer == PYTHON_TRACER:
        changes.append(Change("run:timid"))
    if project.option("core") not in (None, "ctrace") and not switching(project):
        changes.append(Change("run:core", value="ctrace"))
    how = {
        "greenlet": "SQLAlchemy runs each query in a greenlet, and a switch is no event for the tracer:"
        " it loses its place",
        "gevent": "gevent switches greenlets, which is no event for the tracer: it loses its place",
        "eventlet": "eventlet switches greenlets, which is no event for the tracer: it loses its place",
    }[kind]
    seen = (
        f"with these settings, {len(lost)} of the {len(ran)} lines around {project.answer.crossed} were not recorded."
        if lost
        else ""
    )
    return [
        wrong(
            "Lines after an `await` are reported as missed"
            if kind == "greenlet"
            else f"Lines after a switch of {kind} are reported as missed",
            why=f"{place} has `{place.what}`. {how}; concurrency is {', '.join(project.concurrency)}.",
            seen=seen,
            costs=COSTS,
            docs=DOCS,
            changes=tuple(changes),
        )
    ]


def _elsewhere(project: Project, place: Place) -> list[Finding]:
    """Right on this Python; on an older one coverage.py takes another tracer with the same settings."""
    if project.option("core") == "sysmon" and not project.option("branch"):
        return []
    older = [each for each in ("3.12", "3.13") if _admits(project, each)]
    if not older:
        return []
    return [
        note(
            f"On Python {' and '.join(older)} these settings lose the lines after an `await`",
            why=f"{place} has `{place.what}`. From Python 3.14 on coverage.py takes sys.monitoring, which loses none;"
            " before, the C tracer, with whatever concurrency is set.",
            costs=COSTS,
            docs=DOCS,
            changes=wanted(project),
        )
    ]


def _admits(project: Project, version: str) -> bool:
    """Whether the project is tested on that Python too, by its classifiers or its CI."""
    return any(
        version in place.what
        for place in project.tested.says(version)
        if "python" in place.what.lower() or "py3" in place.what
    )


def _threads(project: Project) -> list[Finding]:
    set_to = project.options("concurrency")
    if project.tracer == MONITOR or not set_to or "thread" in set_to:
        return []
    place, lost = project.use("thread"), project.lost("thread")
    if place is None and switching(project):  # gevent's own, most likely
        return []
    more = {
        "why": f"concurrency is {', '.join(set_to)}: with a value of its own, `thread` is no longer meant"
        + (f", and {place} has `{place.what}`." if place else "."),
        "costs": "39 to 45 of 910 to 937 statements that ran: all that ran in threads (`def` endpoints, for one).",
        "docs": DOCS,
        "changes": by_monitoring(project) if switching(project) else (Change("run:concurrency", ("thread",)),),
        "seen": f"{len(lost)} of the {len(project.ran('thread'))} lines that ran in a thread were not recorded."
        if lost
        else "",
    }
    what = "Lines that run in threads are reported as missed"
    return [wrong(what, **more) if place else note(what, **more)]


def _switches(project: Project) -> list[Finding]:
    """The C tracer finds its place again only at the next call or return: lines right after a switch are lost."""
    found, lost = switching(project), project.lost("switch")
    if found is None or project.tracer == MONITOR:
        return []
    kind, place = found
    seen = f"{len(lost)} of the {len(project.ran('switch'))} lines of two greenlets were not recorded." if lost else ""
    run = project.tested.afterawait
    more = {
        "why": f"{place} has `{place.what}`. The C tracer loses its place at such a switch, whatever concurrency is"
        " set; sys.monitoring does not, and measures lines alone.",
        "seen": seen,
        "costs": "9 of the 30 lines of such code.",
        "docs": "docs/doctor.md#greenlets-of-your-own",
        "steps": ("afterawait run --fast",) if run else (),
        "changes": () if run else by_monitoring(project),
    }
    if kind != "greenlet":
        return [wrong(f"Lines after a switch of {kind} are reported as missed", **more)]
    if lost:
        return [wrong("Lines around a greenlet's switch by hand are reported as missed", **more)]
    return [note("Lines around a greenlet's switch by hand can be reported as missed", **more)]
