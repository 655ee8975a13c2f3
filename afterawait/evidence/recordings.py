"""A witness file, checked and read: afterawait/agent/witness/format.py says what is in it. Driver process.

A file may be read while its process still writes it: records are appended, and count once they are whole.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from struct import Struct
from typing import Any, NamedTuple

from afterawait.agent.witness import format
from afterawait.agent.witness.format import Kind, RowKind
from afterawait.evidence import line_sets
from afterawait.faults import MeasurementFault


@dataclass(frozen=True)
class SourceFile:
    """A measured source as it was when it was imported; `sha256` is "" where it could not be read."""

    name: str
    lines: int
    sha256: str


class Row(NamedTuple):
    """Whom lines are credited to."""

    kind: RowKind
    name: str


class Block(NamedTuple):
    """One row's lines in one file: `length` cells from `start` on."""

    row: int
    file: int
    start: int
    length: int


@dataclass
class WitnessFile:
    """One process's witness. Lines are numbered from 1; 0, where a module without any begins, is left out."""

    path: Path
    pid: int
    role: str
    lost: int
    data: mmap.mmap | bytes
    files: dict[int, SourceFile] = field(default_factory=dict)
    rows: dict[int, Row] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    evaluated: list[Block] = field(default_factory=list)
    """Over which lines annotations were evaluated: in no other list, since such lines may never have run."""
    unnamed: int = 0
    """Requests that named a test by an id that cannot be read: their lines are in the overflow row."""
    collections: int = 0
    """Garbage collections, whose finalisers may be unseen; 0 where none found garbage."""
    place: int = format.RECORDS
    """Where the first record begins that was not whole when the file was read."""

    def cells_of(self, block: Block) -> int:
        """The lines that a block says have run, as `cells` keeps them."""
        return line_sets.of_block(self.data[block.start : block.start + block.length])

    def lines_of(self, block: Block) -> set[int]:
        """The same as line numbers."""
        return line_sets.lines(self.cells_of(block))

    @cached_property
    def lines(self) -> dict[str, set[int]]:
        """The lines that ran in this process, by file, whoever caused them."""
        return self._by_file(self.blocks)

    @cached_property
    def annotations(self) -> dict[str, set[int]]:
        """The lines over which annotations were evaluated in this process, by file."""
        return self._by_file(self.evaluated)

    def _by_file(self, blocks: Iterable[Block]) -> dict[str, set[int]]:
        found: dict[str, int] = {}
        for block in blocks:
            name = self.files[block.file].name
            found[name] = found.get(name, 0) | self.cells_of(block)
        return {name: line_sets.lines(ran) for name, ran in found.items() if ran}

    def by_row(self) -> Iterator[tuple[Row, str, set[int]]]:
        """Row, file and lines of each block that has any."""
        for block in self.blocks:
            if ran := self.lines_of(block):
                yield self.rows[block.row], self.files[block.file].name, ran


@dataclass(frozen=True)
class Request:
    """A request that the process served, the `number`-th; `status` is 0 while it runs, `began` is Unix time."""

    number: int
    began: float
    seconds: float
    status: int
    generation: int
    method: str
    path: str
    row: Row


def requests(witness: WitnessFile) -> list[Request]:
    """The latest requests of a process, in the order in which they began."""
    return [request for request, _ in requests_with_rows(witness)]


def requests_with_rows(witness: WitnessFile) -> list[tuple[Request, int]]:
    """The same, each with its row's id."""
    found = []
    for place in range(format.HEADER_SIZE, format.RECORDS, format.REQUEST.size):
        slot = format.REQUEST.unpack_from(witness.data, place)
        number, began, row, seconds, status, generation, method, path = slot
        if number and row in witness.rows:
            names = (_text(method), _text(path))
            found.append((Request(number, began, seconds, status, generation, *names, witness.rows[row]), row))
    return sorted(found, key=lambda each: each[0].number)


def in_flight(witness: WitnessFile) -> list[str]:
    """What the process was doing when it was last heard of, for people."""
    running = [each for each in requests(witness) if not each.status]
    return [
        f"in flight: {each.method} {each.path}" + (f" of {each.row.name}" * bool(each.row.name)) for each in running
    ]


def _text(raw: bytes) -> str:
    return raw.rstrip(b"\0").decode("utf-8", "replace")


def read(path: Path, *, live: bool = False) -> WitnessFile:
    """The witness file at `path`; `live`: mapped, so that `read_on` sees what is written later.

    Raises MeasurementFault naming it and what is wrong with it.
    """
    data: mmap.mmap | bytes
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            data = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) if live and size else file.read()
            size = len(data)
    except (OSError, ValueError) as error:
        raise _damaged(path, f"it cannot be read: {error}") from None
    if not size:
        raise _damaged(path, "it is empty")
    if size < format.RECORDS:
        raise _damaged(path, f"it is cut off after {size} bytes")
    magic, version, slots, pid, reserved, lost, role, unnamed, collections = format.HEADER.unpack_from(data)
    if magic != format.MAGIC:
        raise _damaged(path, "it is no witness file")
    if version != format.VERSION or slots != format.RING_SLOTS:
        raise _damaged(path, f"it has version {version} of the format, and this is {format.VERSION}")
    if size < reserved:
        raise _damaged(path, f"it is cut off after {size} of {reserved} bytes")
    found = WitnessFile(
        path, pid, role.rstrip(b"\0").decode("utf-8", "replace"), lost, data, unnamed=unnamed, collections=collections
    )
    read_on(found)
    return found


def read_on(found: WitnessFile) -> None:
    """Take in the records that were appended since the file was read. Raises MeasurementFault."""
    try:
        _read_records(found, len(found.data))
    except (ValueError, KeyError, UnicodeError) as error:
        raise _damaged(found.path, f"a record makes no sense: {error}") from None


def _read_records(found: WitnessFile, size: int) -> None:
    data = found.data
    place = found.place
    while place + format.RECORD.size <= size:
        kind, length = format.RECORD.unpack_from(data, place)
        start = place + format.RECORD.size
        place = start + format.padded(length)
        if kind == Kind.END:
            return
        if place > size:
            raise ValueError(f"{length} bytes at {start} reach beyond the end")
        if kind == Kind.OPEN:
            if not (place < size and data[place]):
                return  # the last one, and not whole yet
            begun = start - format.RECORD.size
            if format.RECORD.unpack_from(data, begun) != (kind, length):
                place = begun  # it was finished between the two looks, and the next one begun: read it again
                continue
        _read_record(found, Kind(kind), start, length)
        found.place = place


def _read_record(found: WitnessFile, kind: Kind, start: int, length: int) -> None:
    end = start + length
    if kind is Kind.BLOCK:
        row, file = _fields(format.BLOCK, found, start, length)
        if row not in found.rows or file not in found.files:
            raise ValueError(f"a block of row {row} in file {file}, and there is none")
        at = start + format.BLOCK.size
        blocks = found.evaluated if found.rows[row].kind is RowKind.ANNOTATIONS else found.blocks
        blocks.append(Block(row, file, at, end - at))
    elif kind is Kind.ROW:
        number, of = _fields(format.ROW, found, start, length)
        name = found.data[start + format.ROW.size : end].decode("utf-8")
        found.rows[number] = Row(RowKind(of), name)
    elif kind is Kind.FILE:
        number, lines, digest = _fields(format.FILE, found, start, length)
        name = found.data[start + format.FILE.size : end].decode("utf-8", "surrogateescape")
        found.files[number] = SourceFile(name, lines, digest.hex() if any(digest) else "")


def _fields(form: Struct, found: WitnessFile, start: int, length: int) -> tuple[Any, ...]:
    if length < form.size:
        raise ValueError(f"{length} bytes at {start} are too few")
    return form.unpack_from(found.data, start)


def _damaged(path: Path, why: str) -> MeasurementFault:
    return MeasurementFault(
        f"The witness file {path} is left out: {why.rstrip('.')}.",
        hint="Which test ran which line of that process is lost: run again, with room on the disk.",
    )
