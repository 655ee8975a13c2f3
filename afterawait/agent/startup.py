"""What sitecustomize does in every measured process: start coverage.py, write the process's record.

Runs before anything of the application is imported, in the server, its workers, the setup command, the test
runner and whatever they start with their environment.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from afterawait import protocol
from afterawait.agent import children, forwarding, servers
from afterawait.agent.record import ON, ProcessRecord, Recorder, complain
from afterawait.agent.saving import Saving

if TYPE_CHECKING:
    from coverage import Coverage

    from afterawait.agent.witness.monitor import Witness

MOST_STARTED = 200
"""Children that are noted; of more the latest."""

recorder: Recorder | None = None
witness: Witness | None = None
saving: Saving | None = None


def begin() -> None:
    """Start coverage.py as COVERAGE_PROCESS_START says and leave a record in the folder AFTERAWAIT_RUN.

    Like all here it raises nothing: what fails is said in the record or on standard error, and the application runs.
    """
    if recorder is not None:
        return  # another checkout's sitecustomize.py further down the path asked again
    try:
        _begin()
    except Exception as error:
        complain("this process is not measured", error)


def _begin() -> None:
    global recorder, saving  # noqa: PLW0603  # one process, one of each
    record = ProcessRecord(
        pid=os.getpid(),
        folder=_working_folder(),
        role=os.environ.get(protocol.ROLE, protocol.CHILD),
        argv=list(sys.orig_argv),
        python=sys.version.split()[0],
        rcfile=os.environ.get(protocol.COVERAGE_START, ""),
        interpreter=_interpreter(),
        command=protocol.COMMAND in os.environ,
    )
    run = Path(os.environ[protocol.RUN])
    _start_coverage(record, run)
    _start_witness(record, run)
    _hold(run)
    recorder = Recorder(run, record)
    recorder.update()
    # The role is this process's own: one that it starts is a "child" until it says otherwise.
    os.environ.pop(protocol.ROLE, None)
    os.register_at_fork(after_in_child=_forked)
    saving = Saving(_measuring(), witness, note)
    saving.begin()
    children.begin(_note_start)
    forwarding.begin(run)
    if witness is not None:
        from afterawait.agent import opentelemetry

        opentelemetry.begin(witness)
    if record.command:
        servers.begin()


def _interpreter() -> int:
    """Which one of this process this is: 0 the main one."""
    try:
        known = importlib.import_module("_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters")
        current = known.get_current()
        return int(current[0] if isinstance(current, tuple) else current)
    except ImportError:  # a Python without them
        return 0


def _working_folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109  # pathlib would be imported for nothing
    except OSError:  # it has been removed
        return ""


def _hold(run: Path) -> None:
    """Show for as long as this process lives, its forked children included, that it may still write into `run`."""
    with contextlib.suppress(OSError):  # a full disk, say: the record is missed as well, and says so
        held = os.open(run / protocol.PROCESSES, os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(held, fcntl.LOCK_SH)


def note(**changes: object) -> None:
    """Add to this process's record; nothing where no run asked for one."""
    if recorder is None:
        return
    try:
        recorder.update(**changes)
        if witness is not None and "role" in changes:
            witness.note_role(str(changes["role"]))
    except Exception as error:
        complain(f"{', '.join(changes)} cannot be noted", error)


def serves_others() -> None:
    """Note that tests of another run have come, which has another key: their lines are nobody's here."""
    if recorder is not None and not recorder.record.others:
        note(others=True)


def _note_start(pid: int, command: str) -> None:
    if recorder is not None:
        note(started=[*recorder.record.started[-MOST_STARTED:], (pid, command)])


def _start_coverage(record: ProcessRecord, run: Path) -> None:
    if not record.rcfile:
        record.error = "COVERAGE_PROCESS_START is not set"
        return
    if not Path(record.rcfile).is_absolute():
        # It may happen to be found from this folder; a process started in another would run unmeasured.
        record.error = f"COVERAGE_PROCESS_START is relative: {record.rcfile}"
        return
    try:
        import coverage

        coverage.process_startup()  # a no-op where coverage's own .pth file came first
        if coverage.Coverage.current() is not None:
            from afterawait.agent import other_coverage

            other_coverage.redirect(str(run))
            other_coverage.keep_apart(str(run), lambda who: note(another=who))
        describe(record)
    except Exception as error:  # whatever it is, the application must run and the verdict must hear of it
        record.error = f"coverage did not start: {error}"


def _measuring() -> Coverage | None:
    """The Coverage that measures this process."""
    if "coverage" not in sys.modules:
        return None
    current: Coverage | None = sys.modules["coverage"].Coverage.current()
    return current


def _start_witness(record: ProcessRecord, run: Path) -> None:
    """Start the witness where the run says what is measured: AFTERAWAIT_SOURCE, folders as in PATH."""
    global witness  # noqa: PLW0603  # one process, one witness
    folders = os.environ.get(protocol.SOURCE, "").split(os.pathsep)
    if not any(folders):
        return
    try:
        import coverage

        from afterawait.agent.witness.monitor import Witness
        from afterawait.agent.witness.sources import Sources

        omit, include = _patterns(coverage.Coverage.current())
        sources = Sources(folders, omit, include)
        witness = Witness(run, sources, record.role, _witness_of_child)
        record.witness, record.witness_file = ON, witness.writer.name
    except Exception as error:  # as above
        record.witness = f"{type(error).__name__}: {error}"


def _patterns(current: Coverage | None) -> tuple[list[str], list[str]]:
    """What coverage.py omits and includes here; where it has a source, it does not look at `include`."""
    if current is None:
        return [], []
    source = any(current.get_option(f"run:{each}") for each in ("source", "source_pkgs", "source_dirs"))
    omit, include = ("run:omit", "" if source else "run:include")
    found = [current.get_option(each) if each else None for each in (omit, include)]
    omitted, included = ([str(each) for each in value] if isinstance(value, list) else [] for value in found)
    return omitted, included


def _witness_of_child() -> None:
    """A forked child's witness has begun a file of its own."""
    note(witness=ON, witness_file=witness.writer.name if witness is not None else "")


def describe(record: ProcessRecord) -> None:
    """Fill in how this process is measured, as coverage.py itself reports it."""
    import coverage

    current = coverage.Coverage.current()
    record.coverage = coverage.__version__
    if current is None:
        record.error = "coverage did not start"
        return
    known = dict(current.sys_info())
    record.tracer = str(known["core"])
    record.data_file = Path(str(known["data_file"])).name
    record.concurrency = sorted(set(current.get_option("run:concurrency") or ["thread"]))  # type: ignore[arg-type]
    record.source = [str(each) for each in current.get_option("run:source") or ()]  # type: ignore[union-attr]
    record.branch = bool(current.get_option("run:branch"))


def _forked() -> None:
    """A forked child measures on under a data file of its own, if it ends through atexit: so its own record."""
    if recorder is None:
        return
    try:
        recorder.record.forked(os.getpid())
        recorder.update()
    except Exception as error:
        complain("a forked child is not told apart", error)
