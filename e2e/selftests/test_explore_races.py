"""The live page reads what a server is writing: nothing that was overtaken is missing from it. Test process."""

from __future__ import annotations

from pathlib import Path
from typing import Any, override

import pytest

from afterawait.agent.witness import format
from afterawait.agent.witness.format import REQUEST, Kind, RowKind
from afterawait.evidence import recordings
from afterawait.explore.live import Follower
from e2e.selftests.witnessed_rows import measured_sources, only_file, rows_in


class Overtaken(bytearray):
    """A file at a moment when its last but one record was not whole; `finished` is what it is after the first look."""

    finished: bytes

    @override
    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, int):  # whether the next record has begun
            self[:] = self.finished
        return super().__getitem__(place)


def places_of_records(data: bytes | bytearray) -> list[int]:
    """Where each record begins."""
    places = [format.RECORDS]
    while True:
        kind, length = format.RECORD.unpack_from(data, places[-1])
        if kind == Kind.END:
            return places[:-1]
        places.append(places[-1] + format.RECORD.size + format.padded(length))


@pytest.mark.parametrize("length_is_there", [True, False])
def test_a_record_that_is_finished_while_it_is_read_is_read(tmp_path: Path, length_is_there: bool) -> None:
    """Its server may go on to the next record between two looks of the page: neither is passed over."""
    rows = rows_in(tmp_path, measured_sources(tmp_path))
    for name in ("session", "first", "second"):
        rows.row(RowKind.TEST, name)
    path = only_file(tmp_path)
    whole = path.read_bytes()
    *_, first, _second = places_of_records(whole)
    begun = Overtaken(whole[:first] + bytes(len(whole) - first))
    begun.finished = whole
    _, length = format.RECORD.unpack_from(whole, first)
    format.RECORD.pack_into(begun, first, Kind.OPEN, length if length_is_there else 0)
    followed = recordings.WitnessFile(path, 1, "server", 0, begun)  # type: ignore[arg-type]  # read as bytes are

    recordings.read_on(followed)
    recordings.read_on(followed)

    names = [row.name for row in followed.rows.values() if row.kind is RowKind.TEST]
    assert names == ["session", "first", "second"]


def test_a_record_that_was_left_unfinished_is_passed_over(tmp_path: Path) -> None:
    """A signal handler that raised may leave one: what comes behind it counts."""
    rows = rows_in(tmp_path, measured_sources(tmp_path))
    for name in ("session", "left", "last"):
        rows.row(RowKind.TEST, name)
    path = only_file(tmp_path)
    data = bytearray(path.read_bytes())
    *_, left, _last = places_of_records(data)
    data[left] = Kind.OPEN
    path.write_bytes(data)

    read = recordings.read(path)

    assert [row.name for row in read.rows.values() if row.kind is RowKind.TEST] == ["session", "last"]


def test_a_request_that_is_seen_after_a_later_one_is_in_the_log(tmp_path: Path) -> None:
    """The ring is read slot by slot while it is written: a later slot may be newer than an earlier one."""
    rows = rows_in(tmp_path, measured_sources(tmp_path))
    row = rows.row(RowKind.TEST, "a test")
    page = Follower(tmp_path)
    ring = rows._writer.ring

    def note(number: int) -> None:
        at = number % format.RING_SLOTS * REQUEST.size
        REQUEST.pack_into(ring, at, number, float(number), rows.number(row), 0.1, 200, 1, b"GET", b"/%d" % number)

    note(2)
    page.look({})
    note(1)
    page.look({})

    assert {seen.request.path for seen in page.requests.values()} == {"/1", "/2"}
    assert not page.look({}), "each is told once"
