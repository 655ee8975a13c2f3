"""The folder of a plain pytest session, below `.afterawait/plain`: its servers' logs. Test process.

It is no run: it takes no lock of the checkout, touches nothing that a run left, and is gone when the session ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from afterawait import protocol
from afterawait.runs import lock
from afterawait.runs.folder import RunFolder


@contextlib.contextmanager
def temporary(state: Path) -> Iterator[RunFolder]:
    """A folder of this process's own below `state`; those of sessions that were killed go first.

    Raises EnvironmentFault where nothing may be written.
    """
    top = state / protocol.PLAIN
    with lock.permission(state):
        top.mkdir(parents=True, exist_ok=True)
        (state / ".gitignore").write_text("*\n", encoding="ascii")
        with (top / protocol.LOCK).open("a") as turn:  # nobody sees a folder that is not locked yet
            fcntl.flock(turn, fcntl.LOCK_EX)
            _sweep(top)
            path = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=top))
            held = (path / protocol.LOCK).open("a")
            fcntl.flock(held, fcntl.LOCK_EX)
    try:
        yield RunFolder(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)
        held.close()


def _sweep(top: Path) -> None:
    """Remove the folders that no living session holds."""
    for folder in [each for each in top.iterdir() if each.is_dir()]:
        with contextlib.suppress(OSError), (folder / protocol.LOCK).open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
