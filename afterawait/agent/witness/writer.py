"""A witness file while it is written: reserved segment by segment, mapped, appended to. In measured processes.

Every byte is reserved before it is mapped: a store into a sparse map on a full disk would be SIGBUS. A file grows by
further segments, each mapped for itself, since a map that is looked into cannot be resized. One segment is always
reserved ahead: when the disk is full there is still room for the overflow row.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import mmap
import os
import sys
from pathlib import Path
from typing import override

from afterawait import protocol
from afterawait.agent import access
from afterawait.agent.witness import format
from afterawait.agent.witness.format import HEADER, RECORD, Kind

SEGMENT = 256 * 1024
"""Bytes reserved at a time, a multiple of every system's allocation granularity."""

CAN_LET_GO = sys.version_info >= (3, 13)
"""Whether a map can do without a descriptor: each would hold one of the application's otherwise."""
NOT_OFFERED = {errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}
"""What posix_fallocate says on a filesystem that does not have it."""


class AppendInterrupted(Exception):
    """A signal handler tried to append in the middle of an append: that once there is no place for it."""


class Writer:
    """A new file in `folder`. Raises OSError where there is no room for it.

    `full` says that the disk is: what is left is one segment, for the overflow row. One thread at a time may append;
    a signal handler that interrupts it there and appends itself gets AppendInterrupted.
    """

    def __init__(self, folder: Path, role: str) -> None:
        pid = os.getpid()
        draft = folder / f".witness-{pid}.{os.urandom(4).hex()}"
        self._file = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            self._size = 0
            self._first = self._segment = self._reserve(SEGMENT)
            self._ahead: mmap.mmap | None = self._reserve(SEGMENT)
            self._base = 0
            self._place = format.RECORDS
            self._appending = False
            self.full = False
            header = (format.MAGIC, format.VERSION, format.RING_SLOTS, pid, self._size, 0, role.encode(), 0, 0)
            HEADER.pack_into(self._first, 0, *header)
            self.ring = memoryview(self._first)[format.HEADER_SIZE : format.RECORDS]
            access.grant(draft)
            self.name = _publish(draft, folder, pid)
        except BaseException:
            os.close(self._file)
            raise
        finally:
            draft.unlink(missing_ok=True)

    def append(self, kind: Kind, payload: bytes, room: int = 0) -> memoryview:
        """Add a record of `payload` and `room` zero bytes; returns a view of those.

        Raises OSError where there is no space, AppendInterrupted within another append.
        """
        if self._appending:
            raise AppendInterrupted
        self._appending = True
        try:
            return self._append(kind, payload, room)
        finally:
            self._appending = False

    def _append(self, kind: Kind, payload: bytes, room: int) -> memoryview:
        size = RECORD.size + format.padded(len(payload) + room)
        left = self._base + len(self._segment) - self._place
        if size > left:
            self._grow(size, left)
        segment = self._segment
        start = self._place - self._base
        RECORD.pack_into(segment, start, Kind.OPEN, len(payload) + room)
        self._place += size
        at = start + RECORD.size
        segment[at : at + len(payload)] = payload
        segment[start] = kind
        return memoryview(segment)[at + len(payload) : at + len(payload) + room]

    def note_role(self, role: str) -> None:
        """Who this process is, where it turns out later."""
        self._first[format.ROLE_AT : format.ROLE_AT + format.ROLE_LENGTH] = role.encode()[: format.ROLE_LENGTH].ljust(
            format.ROLE_LENGTH, b"\0"
        )

    def note_lost(self, count: int) -> None:
        """How many times something found no room and was credited to the overflow row, or to nobody."""
        self._first[format.LOST_AT : format.LOST_AT + 8] = count.to_bytes(8, "little")

    def note_unnamed(self, count: int) -> None:
        """How many requests named a test that could not be read."""
        self._first[format.UNNAMED_AT : format.UNNAMED_AT + 8] = count.to_bytes(8, "little")

    def note_collections(self, count: int) -> None:
        """How many garbage collections there were."""
        self._first[format.COLLECTIONS_AT : format.COLLECTIONS_AT + 8] = count.to_bytes(8, "little")

    def _grow(self, size: int, left: int) -> None:
        ahead = self._ahead
        if ahead is None:
            raise OSError(errno.ENOSPC, "no segment is left")
        if size > len(ahead):  # a source of a megabyte: what is ahead is too short, and is passed over
            self._enter(self._reserve(-(-size // SEGMENT) * SEGMENT), left, over=ahead)
        else:
            self._enter(ahead, left)
        try:
            self._ahead = self._reserve(SEGMENT)
        except OSError:
            self._ahead, self.full = None, True
        self._first[format.RESERVED_AT : format.RESERVED_AT + 8] = self._size.to_bytes(8, "little")

    def _enter(self, segment: mmap.mmap, left: int, over: mmap.mmap | None = None) -> None:
        passed = [(self._segment, self._place - self._base, left)]
        end = self._base + len(self._segment)
        if over is not None:
            passed.append((over, 0, len(over)))
            end += len(over)
        for of, start, length in reversed(passed):  # the last first: a reader stops at what is not yet passed over
            if length:
                of[start : start + RECORD.size] = RECORD.pack(Kind.PAD, length - RECORD.size)
        self._segment, self._base, self._place = segment, end, end

    def _reserve(self, size: int) -> mmap.mmap:
        _allocate(self._file, self._size, size)
        kept: dict[str, bool] = {"trackfd": False} if CAN_LET_GO else {}
        segment = mmap.mmap(self._file, size, offset=self._size, **kept)
        self._size += size
        return segment


class NullWriter(Writer):
    """Takes everything and keeps nothing: of a forked child that found no room for a file of its own."""

    def __init__(self) -> None:
        self.name = ""
        self.full = False
        self.ring = memoryview(bytearray(format.RECORDS - format.HEADER_SIZE))

    @override
    def append(self, kind: Kind, payload: bytes, room: int = 0) -> memoryview:
        """A view of memory."""
        return memoryview(bytearray(room))

    @override
    def note_role(self, role: str) -> None:
        """Nothing."""

    @override
    def note_lost(self, count: int) -> None:
        """Nothing."""

    @override
    def note_unnamed(self, count: int) -> None:
        """Nothing."""

    @override
    def note_collections(self, count: int) -> None:
        """Nothing."""


def _allocate(file: int, start: int, size: int) -> None:
    """Give a file `size` more bytes that are truly there, and no hole. Raises OSError where there is no room."""
    if hasattr(os, "posix_fallocate"):  # macOS has none, nor have some filesystems
        try:
            os.posix_fallocate(file, start, size)
        except OSError as error:
            if error.errno not in NOT_OFFERED:
                raise
        else:
            return
    written = 0
    while written < size:  # on a disk that is nearly full, less is written than was asked for
        written += os.pwrite(file, bytes(size - written), start + written)


def _publish(draft: Path, folder: Path, pid: int) -> str:
    """Give a file that can be read its name, which is returned: the first that is free, since a pid may come again."""
    for number in itertools.count(1):
        name = protocol.WITNESS_FILE.format(pid=pid, number=number)
        with contextlib.suppress(FileExistsError):
            os.link(draft, folder / name)
            break
    return name
