"""Saves all that was measured when a file in the drop folder changes. In each process that serves there.

The folder is all that tests and server have in common, and may be a volume of another machine's, where no pipe is. So
a thread looks: it costs one system call, four times a second.
"""

from __future__ import annotations

import _thread
import os
import time
from pathlib import Path

from afterawait import protocol
from afterawait.agent.record import Recorder, complain
from afterawait.agent.saving import Saving

PAUSE = 0.25


def begin(recorder: Recorder, saving: Saving) -> None:
    """Look from here on. Raises nothing."""
    asked = Path(os.environ[protocol.DROP], protocol.DROP_SAVE).absolute()
    done = recorder.folder / protocol.FLUSHED.format(pid=recorder.record.pid, start=recorder.record.start)
    try:
        _thread.start_new_thread(_look, (asked, done, saving))
    except RuntimeError as error:
        complain("what was measured is saved at the end alone", error)


def _look(asked: Path, done: Path, saving: Saving) -> None:
    before = _state(asked)
    while _state(asked) in {before, None}:
        time.sleep(PAUSE)
    try:
        saving.finish()
        done.touch()
    except OSError as error:
        complain(f"{done} cannot be written", error)


def _state(path: Path) -> tuple[int, int, int] | None:
    """What tells a file from what it was; None while it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
