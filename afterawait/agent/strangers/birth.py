"""When a file came into being. In measured processes, for an SQLite file that the run did not make through sqlite3.

A `setup` command may copy one, a library make an empty one before it connects. Neither the time of a file's last
change nor that of its inode's says whether it was there before.
"""

from __future__ import annotations

import os
import sys

AT_FDCWD = -100
STATX_BTIME = 0x800
SIZE = 256  # of struct statx
SECONDS = slice(80, 88)
NANOSECONDS = slice(88, 92)


def of(path: str) -> float | None:
    """Seconds since 1970; None where the system or the file system does not say."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    birth: float | None = getattr(found, "st_birthtime", None)  # macOS, and Python that knows statx
    return birth if birth is not None or sys.platform != "linux" else _statx(path)


def _statx(path: str) -> float | None:
    import ctypes

    try:
        statx = ctypes.CDLL(None).statx
    except (OSError, AttributeError):  # a C library older than 2018
        return None
    buffer = ctypes.create_string_buffer(SIZE)
    if statx(AT_FDCWD, os.fsencode(path), 0, STATX_BTIME, buffer):
        return None
    raw = buffer.raw
    if not int.from_bytes(raw[:4], sys.byteorder) & STATX_BTIME:
        return None
    return int.from_bytes(raw[SECONDS], sys.byteorder) + int.from_bytes(raw[NANOSECONDS], sys.byteorder) / 1e9
