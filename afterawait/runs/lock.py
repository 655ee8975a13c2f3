"""One run at a time in a checkout; and whether the processes of a run have ended. Driver, test process."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from afterawait import protocol
from afterawait.faults import EnvironmentFault
from afterawait.processes.polling import Expired, wait_until
from afterawait.protocol import StopBudget
from afterawait.runs import survivors

PAUSE = 0.05


@contextlib.contextmanager
def only_run(state: Path, grace: float) -> Iterator[int]:
    """Hold the checkout for one run; yields the lock's descriptor, for children that must keep it.

    What is left of a run whose driver is gone is ended. Raises EnvironmentFault naming the other run's pid, or what may
    not be written.
    """
    with permission(state):
        state.mkdir(parents=True, exist_ok=True)
        lock = os.open(state / protocol.LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(lock, state, grace)
        with permission(state):
            os.truncate(lock, 0)
            os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield lock
    finally:
        os.close(lock)


def processes_end(run: Path, patience: float = 0) -> bool:
    """Whether all measured processes of the run in that folder have ended, or end within `patience` seconds."""
    try:
        with (run / protocol.PROCESSES).open() as held:
            wait_until(lambda: _locks(held.fileno()), seconds=patience)
    except FileNotFoundError:
        return True  # none began
    except Expired:
        return False
    return True


def _take(lock: int, state: Path, grace: float) -> None:
    """Take the checkout's lock; of a driver that was killed, its test process and that one's forks may hold it."""
    deadline = time.monotonic() + StopBudget(grace).run
    while not _locks(lock):
        owner = os.pread(lock, 32, 0).decode(errors="replace").strip()
        gone = owner.isdigit() and not alive(int(owner))
        if gone:
            survivors.end_earlier(state, grace)
        if not gone or time.monotonic() > deadline:
            raise EnvironmentFault(
                f"Another run is using this checkout (pid {owner or 'unknown'}).",
                hint=f"Wait for it, or end it with: kill {owner}",
            )
        time.sleep(PAUSE)


def _locks(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def alive(pid: int) -> bool:
    """Whether a process of ours has that pid."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


@contextlib.contextmanager
def permission(state: Path) -> Iterator[None]:
    """Turn an OSError within it into an EnvironmentFault that names what may not be written."""
    try:
        yield
    except OSError as error:
        raise EnvironmentFault(
            f"{error.filename or state} cannot be written: {error.strerror}.",
            hint="Give yourself the right to write in the checkout, or make room on its disk.",
        ) from None
