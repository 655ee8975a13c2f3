"""What processes do, a row each, and how they are measured, a column each. Proof process."""

from __future__ import annotations

from dataclasses import dataclass

from afterawait.mode import FAST, MeasurementMode


@dataclass(frozen=True)
class Row:
    """A program of subjects/ways, and what `run` in it is given.

    `times` is how often its last part is there, under the line that says so. `limit` says what this project cannot see,
    "" where it must see all; `silent` that nothing is said of it in the run, since nobody can know.
    """

    name: str
    program: str
    given: tuple[str, ...] = ()
    times: int = 1
    limit: str = ""
    silent: bool = False
    status: int = 0
    quick: bool = False


@dataclass(frozen=True)
class Column:
    """How it is measured: by coverage.py alone with `settings`, or as this project does, in a `mode`."""

    name: str
    settings: str = ""
    mode: MeasurementMode | None = None


COLUMNS = (
    Column("coverage.py", "concurrency = thread"),
    Column(
        "coverage.py, its cures",
        "concurrency = thread, multiprocessing\nsigterm = true\npatch = _exit, execv, fork, subprocess",
    ),
    Column("this project", mode=MeasurementMode()),
    Column("--fast", mode=FAST),
)
"""The second has every setting that coverage.py offers against the loss of data."""

CREDIT = "is credited to whoever it runs beside"
ROWS = (
    Row("SIGTERM", "signalled", ("SIGTERM",), status=-15, quick=True),
    Row("SIGHUP", "signalled", ("SIGHUP",), status=-1),
    Row("SIGTERM, set back to SIG_DFL", "signalled", ("SIGTERM", "set back"), status=-15),
    Row("SIGTERM again and again", "signalled_again", times=1000, status=-15, quick=True),
    Row(
        "SIGKILL",
        "signalled",
        ("SIGKILL",),
        status=-9,
        limit="coverage.py saves nothing: the run is refused, what the witness saw is shown apart",
    ),
    Row("os._exit", "left", ("main",), quick=True),
    Row("os._exit in a thread", "left", ("thread",)),
    Row("exec", "became"),
    Row("fork", "forked", ("main", "exit")),
    Row("fork, then os._exit", "forked", ("main", "_exit"), quick=True),
    Row("fork in a thread, then os._exit", "forked", ("thread", "_exit")),
    Row("fork in a thread, which returns", "forked", ("thread", "return")),
    Row("multiprocessing, fork", "multiprocessed", ("fork",)),
    Row("multiprocessing, forkserver", "multiprocessed", ("forkserver",)),
    Row("multiprocessing, spawn", "multiprocessed", ("spawn",)),
    Row("subprocess", "started"),
    Row("subprocess with an environment", "started", ("its own",), quick=True),
    Row(
        "a sub-interpreter",
        "sub_interpreted",
        limit="coverage.py's C tracer does not load there: the run is refused, and --fast measures it",
    ),
    Row("a busy signal handler", "handled", times=300, limit="calls inside coverage.py's own code are counted"),
    Row("a signal handler that raises", "raised"),
    Row("down to the recursion limit", "deep", times=30),
    Row("finalisers in the collector", "finalised", times=300, limit="collections are counted, `__del__` is named"),
    Row("a fork from the first of 600 tests", "forked_late"),
    Row("600 open tests", "many_tests", times=600, quick=True),
    Row("a thread that a person's request leaves behind", "settled", times=300),
    Row("a test's id of 5,000 bytes", "named_at_length", limit="is counted, and credited to no test"),
    Row("every ContextVar set to None", "set_to_none"),
    Row("finalised in another test's turn", "finalised_later", limit=CREDIT, silent=True),
    Row("in an empty Context, in a raw thread", "beside", limit="is credited beside requests", silent=True),
    Row("a task that one test made, in another's use", "shared", limit="is credited to its maker", silent=True),
)
