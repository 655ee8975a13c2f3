"""Saves what has been measured when it is asked to, while the application serves on. In each process that serves.

Servers end their workers by SIGKILL, or never end, and whoever stops them must: what is saved before is not lost. A
thread waits at a pipe, since the process's own threads may all be busy.
"""

from __future__ import annotations

import _thread
import contextlib
import os
from pathlib import Path

from afterawait import protocol
from afterawait.agent import startup
from afterawait.agent.record import complain
from afterawait.agent.servers import dropping

_begun = 0


def begin() -> None:
    """Be ready to save; once in a process. Raises nothing."""
    global _begun  # noqa: PLW0603  # one process, one thread
    recorder, saving = startup.recorder, startup.saving
    if recorder is None or saving is None or _begun == os.getpid():
        return
    _begun = os.getpid()
    if os.environ.get(protocol.DROP):
        dropping.begin(recorder, saving)
        return
    named = {"pid": recorder.record.pid, "start": recorder.record.start}
    pipe, done = (recorder.folder / each.format(**named) for each in (protocol.FLUSH, protocol.FLUSHED))
    try:
        os.mkfifo(pipe, 0o600)
        reading = os.open(pipe, os.O_RDWR | os.O_CLOEXEC)  # to write as well: it never comes to its end
        # Not of `threading`: the application, which may list its threads, has no more of them than before.
        _thread.start_new_thread(_serve, (reading, done))
    except OSError as error:  # a file system without pipes, say
        complain("what was measured is saved at the end alone", error)


def _serve(reading: int, done: Path) -> None:
    with contextlib.suppress(OSError):
        while os.read(reading, 1):
            if startup.saving is not None:
                startup.saving.flush()
            done.touch()
