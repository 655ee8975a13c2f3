"""Why lines of a process are missing, and the one thing that cures it. Driver process.

A cause is named where it was seen: in the process's record, or in the sources whose lines are missing. Where none was,
that is said, with what was ruled out. Whatever the cause, it has one text, here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath

from afterawait.agent.children import WRAPPERS
from afterawait.agent.record import ProcessRecord
from afterawait.services import known_servers

BOTH = "Set `concurrency = greenlet, thread` in the coverage configuration."
START = "Let COVERAGE_PROCESS_START be the absolute path of a coverage configuration that can be read."
NOT_STARTED = "Look above for why it did not start."
NO_SERVER = (
    "Look above for why it did not start; or its server is none that is known to run ASGI applications: uvicorn, "
    "Hypercorn, Granian, gunicorn with one of its ASGI workers, and for Starlette's and FastAPI's applications any."
)
SWITCHING = ("greenlet", "gevent", "eventlet")

Lines = Mapping[str, Iterable[int]]


def lost_by_coverage(record: ProcessRecord, missing: Lines) -> str:
    """Why coverage.py lacks lines that the witness saw, and what to do."""
    return next(_seen(record, missing), _NOT_SEEN.format(ruled_out=_ruled_out(record)))


_NOT_SEEN = (
    "The cause was not seen; ruled out are {ruled_out}. Measure with --fast, by sys.monitoring: where that agrees, "
    "something in the application disturbs the C tracer."
)


def _seen(record: ProcessRecord, missing: Lines) -> Iterator[str]:
    if record.command and not record.ended and not record.became:
        gap = known_servers.gap(record.server, known_servers.KILLS | known_servers.WAITS)
        yield (
            "It was ended by SIGKILL, and these lines ran after it had saved, before its server was asked to stop. "
            f"{gap or 'Let it end by itself when it is asked to'}."
        )
    if record.tracer == "CTracer":
        lacking = {"greenlet", "thread"} - set(record.concurrency)
        if lacking:
            yield f"{' and '.join(sorted(lacking))} is missing. {BOTH}"
    if record.tracing == "none":
        yield (
            "At its end coverage.py's trace function was gone: something called sys.settrace(None), as debuggers and "
            "profilers do. Leave that out of this run, or measure with --fast, which needs no trace function."
        )
    elif record.tracing:
        yield (
            f"At its end another trace function was there than coverage.py's: {record.tracing}. Leave the debugger or "
            "profiler out of this run, or measure with --fast, which needs no trace function."
        )
    if record.forced:
        yield forced(record)
    switching = sorted(name for name in missing if imports_any(Path(name), SWITCHING))
    if switching and record.tracer == "CTracer":
        yield (
            f"{', '.join(switching)} switches greenlets itself, and coverage.py's C tracer loses its place there. "
            "Measure with --fast: sys.monitoring does not."
        )


def _ruled_out(record: ProcessRecord) -> str:
    ruled_out = ["a kill", "os._exit", "exec", "another trace function at its end"]
    if record.tracer == "CTracer":
        ruled_out += ["the concurrency setting", "greenlets that those files switch themselves"]
    return ", ".join(ruled_out)


def forced(record: ProcessRecord) -> str:
    """Why a process had to be stopped by force, as far as it is known, and what to do."""
    if record.sigterm:
        return (
            f"The application has taken SIGTERM over ({record.sigterm}): its handler is called, and the server is not "
            "told to stop. Let the handler call the one that was there before, or leave SIGTERM to the server."
        )
    return "Find what would not end in the server's log: each thread's stack is there."


def lost_by_the_witness(record: ProcessRecord, *, no_room: bool) -> str:
    """Why the witness lacks lines that coverage.py has, and what to do."""
    if no_room:
        return "It found no room on the disk, or too many tests: see above."
    if record.witness_stopped:
        return (
            "Its tool of sys.monitoring was taken away or given another callback: let the application free and use "
            "only tools of its own."
        )
    return "The cause was not seen; ruled out are a full disk, too many tests, and that its tool was taken away."


def no_data_file(record: ProcessRecord, *, replaced: bool, elsewhere: bool = False) -> tuple[str, str]:
    """What is known of the end of a process that left no data file, and what to do."""
    if record.error:
        of_sub = "coverage.py's C tracer does not load in a sub-interpreter: measure with --fast, by sys.monitoring."
        hint = of_sub if record.interpreter else START
        return f"was not measured by coverage.py ({record.error})", f"{hint} What the witness saw is shown apart."
    if record.ended:
        hint = "Let nothing delete coverage data while a run is on: `coverage erase`, `coverage combine`."
        return "saved its data, and the file is gone", f"{hint} Or its log says why it could not be written."
    if replaced:
        hint = "Let it use os.exec*, which saves first: this was done past Python. What the witness saw is shown apart."
        return "was replaced by another program, which has its pid", hint
    if elsewhere:
        hint = "End it by SIGTERM after the tests, with --stop or by hand, and give it time before it is killed"
        return "was killed, or still ran when its data were collected", f"{hint}. What the witness saw is shown apart."
    hint = (
        "Ruled out are os._exit, exec and all signals that end a process but SIGKILL: that is sent by people, by "
        "supervisors (honcho, 5 s after it has asked) and for want of memory. Let it end by itself. What the witness "
        "saw is shown apart."
    )
    return "was killed, or ended itself past Python", hint


def unmeasured(command: str) -> str:
    """Why a Python that `command` started could not be measured, and what to do."""
    words = command.split()
    if PurePath(words[0]).name in WRAPPERS:
        return (
            f"`{words[0]}` gave it an environment without the run's variables: start Python itself, with `env=`, which "
            "a run adds its variables to."
        )
    return (
        "Its options keep it from the start hook: leave -S out; with -I and -E the hook is found where afterawait is "
        "installed in that Python's environment."
    )


def imports_any(path: Path, packages: Iterable[str]) -> bool:
    """Whether a source imports one of `packages`; not where it cannot be read."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return False
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return bool(found & set(packages))
