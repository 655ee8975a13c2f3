"""How started processes are ended: what ends past Python's own end saves nothing. Driver process."""

from __future__ import annotations

from dataclasses import replace

from afterawait.doctor.findings import Change, Checked, Finding, Level, note, wrong
from afterawait.doctor.project import Project
from afterawait.doctor.starts import Start

SAVE_AT_SIGTERM = {"hypercorn", "gunicorn", "arq", "celery", "dramatiq", "daphne"}
"""They end by themselves after it, as any program does, and coverage.py saves."""
PAST_EXIT = {"granian", "taskiq"}
UVICORN_WORKERS = ("uvicorn.workers", "uvicorn_worker")
DOCS = "docs/doctor.md#how-processes-end"
COSTS = "All that the process measured: it leaves no data file, and its exit status says nothing."


def check(project: Project) -> Checked:
    """Signals are looked for in the files that start the processes."""
    if project.tested.afterawait:
        return Checked("SIGTERM", "a run's processes save at each end", ())
    scripts = project.scripts()
    starts = [*project.starts(), *(each for each, asked in scripts if asked)]
    said = "`sigterm = true`" if project.option("sigterm") else "no process that tests start needs `sigterm = true`"
    found = [*_uvicorn_workers(starts), *_past_exit(project, starts), *_terminated(project, starts), *_killed(starts)]
    found = found or _unseen(project, starts)
    unasked = [each for each, asked in scripts if not asked]
    found = found or [replace(each, level=Level.NOTE, changes=()) for each in _uvicorn_workers(unasked)]
    return Checked("SIGTERM", said, tuple(found))


def _terminated(project: Project, starts: list[Start]) -> list[Finding]:
    ended = [
        each
        for each in starts
        if "SIGTERM" in each.ends and each.kind not in SAVE_AT_SIGTERM | PAST_EXIT and not _is_behind(each)
    ]
    if not ended or project.option("sigterm"):
        return []
    first = ended[0]
    how = (
        "raises the signal again when it has stopped, which ends it"
        if first.kind in {"uvicorn", "fastapi"}
        else "is ended by the signal"
    )
    return [
        wrong(
            "A process that is ended by SIGTERM leaves no data",
            why=f"{first.place} starts `{first.command}`, and that file ends it by SIGTERM: it {how} before it comes"
            " to Python's own end, where coverage.py saves.",
            costs=COSTS,
            docs=DOCS,
            changes=(Change("run:sigterm", value=True),),
        )
    ]


def _unseen(project: Project, starts: list[Start]) -> list[Finding]:
    first = next((each for each in starts if each.kind in {"uvicorn", "fastapi"} and not each.ends), None)
    if first is None or project.option("sigterm"):
        return []
    return [
        note(
            "A server that is ended by SIGTERM would leave no data",
            why=f"{first.place} starts `{first.command}`; how it is ended does not stand in that file.",
            costs=COSTS,
            docs=DOCS,
            changes=(Change("run:sigterm", value=True),),
        )
    ]


def _uvicorn_workers(starts: list[Start]) -> list[Finding]:
    place = next((each for each in starts if _is_behind(each)), None)
    if place is None:
        return []
    return [
        wrong(
            "gunicorn's uvicorn workers leave no data when they are stopped",
            why=f"{place.place} starts `{place.command}`. Such a worker sets coverage.py's handler of SIGTERM back, and"
            " ends by the signal: neither `sigterm = true` nor `patch = _exit` helps.",
            costs=COSTS,
            docs=DOCS,
            steps=("-k asgi  in place of that worker class (gunicorn 27 has it), or: afterawait run",),
            changes=(Change("run:sigterm", value=True),),
        )
    ]


def _past_exit(project: Project, starts: list[Start]) -> list[Finding]:
    first = next((each for each in starts if each.kind in PAST_EXIT), None)
    if first is None or "_exit" in project.options("patch"):
        return []
    return [
        wrong(
            f"{first.kind}'s workers leave no data",
            why=f"{first.place} starts `{first.command}`. Its workers are forked by multiprocessing, which ends them by"
            " os._exit: past Python's own end, where coverage.py saves.",
            costs=COSTS,
            docs=DOCS,
            changes=(Change("run:patch", ("_exit",)), Change("run:sigterm", value=True)),
        )
    ]


def _killed(starts: list[Start]) -> list[Finding]:
    first = next((each for each in starts if each.ends == {"SIGKILL"}), None)
    if first is None:
        return []
    return [
        wrong(
            "A process that is killed leaves no data",
            why=f"{first.place} starts `{first.command}`, and that file ends it by kill() alone, SIGKILL.",
            costs=COSTS,
            docs=DOCS,
            steps=("process.terminate(); process.wait(timeout=10)  before any kill()",),
            changes=(Change("run:sigterm", value=True),),
        )
    ]


def _is_behind(start: Start) -> bool:
    return start.kind == "gunicorn" and any(name in word for word in start.words for name in UVICORN_WORKERS)
