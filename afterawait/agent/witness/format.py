"""The format of a witness file, `witness-<pid>-<n>.bin`. Written in measured processes, read by drivers and pages.

Little-endian throughout. A file is a header, a ring of the latest requests, and records that are only ever appended:

    0                   HEADER        magic, version, pid, role, reserved size, what was lost or not named
    HEADER_SIZE         RING_SLOTS requests of REQUEST.size bytes, the n-th in slot n % RING_SLOTS (n counts from 1)
    RECORDS             records, each RECORD (kind, payload's length) and its payload, padded to ALIGNMENT

A record is OPEN until it is whole: its kind is written last. The first record of kind 0 is the end.

    FILE    a measured source: id, number of lines, SHA-256 (zeros where it could not be read), name in UTF-8
    ROW     whom lines are credited to: id, what kind of row, name in UTF-8
    BLOCK   one row's lines in one file: row's id, file's id, then a byte a line, line 0 (modules) first
    PAD     nothing: a record never lies across two segments

A byte of a block is 0 where the line did not run for that row, else the generation in which it last ran: 1 to 255,
one further with each request, in a circle. A row may have several blocks for a file; its lines are their union.
"""

from __future__ import annotations

import enum
import struct

MAGIC = b"\x89aftwit\n"
VERSION = 2

ALIGNMENT = 8
HEADER_SIZE = 4096
RING_SLOTS = 256

HEADER = struct.Struct("<8sHHIQQ16sQQ")
"""Magic, version, slots of the ring, pid, bytes reserved for the file, lines and rows lost, the process's role,
requests whose test's id could not be read, garbage collections."""

LOST_AT = struct.calcsize("<8sHHIQ")
RESERVED_AT = struct.calcsize("<8sHHI")
ROLE_AT = struct.calcsize("<8sHHIQQ")
ROLE_LENGTH = 16
UNNAMED_AT = struct.calcsize("<8sHHIQQ16s")
COLLECTIONS_AT = struct.calcsize("<8sHHIQQ16sQ")

REQUEST = struct.Struct("<QdIfHB9s92s")
"""Number, start (Unix time), row's id, seconds, status (0 while it runs), generation, method, path (cut to fit)."""
DONE = struct.Struct("<fH")
"""The part of a slot that is written when the request is over: seconds and status."""
DONE_AT = struct.calcsize("<QdI")

RECORDS = HEADER_SIZE + RING_SLOTS * REQUEST.size

RECORD = struct.Struct("<BxxxI")
FILE = struct.Struct("<II32s")
ROW = struct.Struct("<IB")
BLOCK = struct.Struct("<II")


class Kind(enum.IntEnum):
    """Kinds of records."""

    END = 0
    FILE = 1
    ROW = 2
    BLOCK = 3
    PAD = 4
    OPEN = 5
    """Being written; or left so, by a signal handler that raised: such a one is passed over."""


class RowKind(enum.IntEnum):
    """Whom a row stands for."""

    STARTUP = 0
    """Imports, the lifespan's beginning: all until the first request."""
    OVERFLOW = 1
    """Whoever found no room for a row or a block of its own."""
    TEST = 2
    SESSION = 3
    """Requests that carry no test's id; named after the session in which they came."""
    REQUEST = 4
    """One request of a session that is explored by hand, while it is among the latest; its lines are in both rows."""
    BESIDE = 5
    """What no request's context reaches once requests come: the lifespan's tasks and end, raw threads, executors."""
    ANNOTATIONS = 6
    """Nobody: lines over which annotations were evaluated. They are no lines that ran."""


def padded(length: int) -> int:
    """`length` rounded up to the alignment of records."""
    return -(-length // ALIGNMENT) * ALIGNMENT
