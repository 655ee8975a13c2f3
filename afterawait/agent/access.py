"""Who may read what a measured process writes: its own user, or whoever collects it. In measured processes.

In a container another user serves than the one who runs the tests, and its umask may be any.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

_shared = False


def share() -> None:
    """From here on, what this process writes down is for every user to read."""
    global _shared  # noqa: PLW0603  # one process, one folder
    _shared = True


def grant(path: str | Path) -> None:
    """Let others read that file or folder, where this process shares. Raises nothing."""
    if _shared:
        with contextlib.suppress(OSError):  # it is another user's, or gone
            os.chmod(path, os.stat(path).st_mode | 0o444)  # noqa: PTH101, PTH116  # pathlib is more than this needs
