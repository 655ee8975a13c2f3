"""Asks processes that serve to save what they have measured, before they are stopped. Test process, or a driver."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

from afterawait import protocol
from afterawait.agent.record import ProcessRecord
from afterawait.processes.polling import Expired, wait_until
from afterawait.runs.folder import RunFolder

SECONDS = 2 * protocol.StopBudget.SAVING


def flush(run: RunFolder, processes: Iterable[ProcessRecord]) -> None:
    """Return when each of these has saved, or can't: a process that does not answer is not waited for without end."""
    waiting = []
    for each in processes:
        named = {"pid": each.pid, "start": each.start}
        done = run.path / protocol.FLUSHED.format(**named)
        with contextlib.suppress(OSError):  # it has ended, or never served
            done.unlink(missing_ok=True)
            pipe = os.open(run.path / protocol.FLUSH.format(**named), os.O_WRONLY | os.O_NONBLOCK)
            try:
                os.write(pipe, b".")
            finally:
                os.close(pipe)
            waiting.append(done)
    with contextlib.suppress(Expired):
        wait_until(lambda: all(each.exists() for each in waiting), seconds=SECONDS)


def tidy(run: RunFolder, processes: Iterable[ProcessRecord]) -> None:
    """Remove the pipes of processes that have ended: who copies a run's folder would read them for ever."""
    for each in processes:
        for name in (protocol.FLUSH, protocol.FLUSHED):
            with contextlib.suppress(OSError):
                (run.path / name.format(pid=each.pid, start=each.start)).unlink()
