"""The name of the current session, in `session` in the run's folder. Written by a page or a script, read in servers.

    FIELDS      a word, one further with each change; the name's length; the name in UTF-8

The word is looked at with each request that carries no test's id, the name only when the word has changed.
"""

from __future__ import annotations

import errno
import mmap
import os
import struct
from pathlib import Path

from afterawait import protocol

SIZE = 4096
FIELDS = struct.Struct("<IH")
LONGEST = 256
"""Bytes of a session's name."""


class SessionName:
    """The session's name in `folder`, as a measured process reads it. Raises OSError where it cannot be made."""

    def __init__(self, folder: Path) -> None:
        path = folder / protocol.SESSION
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _make(file)
            self._map = mmap.mmap(file, SIZE, mmap.MAP_SHARED, mmap.PROT_READ)
        finally:
            os.close(file)
        self._word = b""
        self._name = ""

    def name(self) -> str:
        """The session's name, "" where nobody has given it one."""
        if self._map[:4] != self._word:
            word, length = FIELDS.unpack_from(self._map)
            raw = self._map[FIELDS.size : FIELDS.size + min(length, LONGEST)]
            self._name = raw.decode("utf-8", "replace")
            self._word = word.to_bytes(4, "little")
        return self._name


def write(folder: Path, name: str) -> None:
    """Let later requests be credited to the session `name` (cut to LONGEST bytes)."""
    raw = name.encode()[:LONGEST].decode("utf-8", "ignore").encode()
    path = folder / protocol.SESSION
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _make(file)
        word = int.from_bytes(os.pread(file, 4, 0), "little")
        os.pwrite(file, len(raw).to_bytes(2, "little") + raw, 4)
        os.pwrite(file, ((word + 1) % 2**32).to_bytes(4, "little"), 0)
    finally:
        os.close(file)


def _make(file: int) -> None:
    """Written out, not left sparse: to look into a hole on a full disk would be SIGBUS."""
    size = os.fstat(file).st_size
    if size < SIZE:
        os.pwrite(file, bytes(SIZE - size), size)
    if os.fstat(file).st_size < SIZE:
        raise OSError(errno.ENOSPC, "no room for the session's name")
