"""Witness files: what is written is read back, whatever happens to the file in between. Test process."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest

from afterawait.agent.witness import format
from afterawait.agent.witness.format import Kind, RowKind
from afterawait.agent.witness.writer import SEGMENT, Writer
from afterawait.evidence import recordings
from afterawait.faults import MeasurementFault
from e2e.selftests.witnessed_rows import LINES, measured_sources, only_file, rows_in, store


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder of measured sources, one file of LINES lines in it."""
    return measured_sources(tmp_path)


@pytest.fixture
def written(tmp_path: Path, source: Path) -> Path:
    """A witness file of three tests, in three files."""
    rows = rows_in(tmp_path, source)
    for name in ("two.py", "three.py"):
        (source / name).write_text("pass\n" * LINES)
    for number, name in enumerate(("one.py", "two.py", "three.py")):
        row = rows.row(RowKind.TEST, f"test_{number}")
        for line in range(1, LINES, number + 1):
            store(rows, row, str(source / name), line)
    return only_file(tmp_path)


def test_what_is_written_is_read_back(written: Path, source: Path) -> None:
    """Rows, files and lines, each with its name."""
    found = recordings.read(written)

    assert found.role == "server"
    assert {file.name for file in found.files.values()} == {str(path) for path in source.iterdir()}
    assert {file.lines for file in found.files.values()} == {LINES + 1}
    lines = {row.name: (Path(name).name, lines) for row, name, lines in found.by_row()}
    assert lines == {
        "test_0": ("one.py", set(range(1, LINES))),
        "test_1": ("two.py", set(range(1, LINES, 2))),
        "test_2": ("three.py", set(range(1, LINES, 3))),
    }


def test_generated_lines_beyond_a_files_end_are_kept(tmp_path: Path, source: Path) -> None:
    """Code compiled under a file's name may claim any line; one that no file can have is let go."""
    rows = rows_in(tmp_path, source)
    for line in (5, 900, 5000, 10**9):
        store(rows, rows.row(RowKind.STARTUP, ""), str(source / "one.py"), line)

    assert recordings.read(only_file(tmp_path)).lines == {str(source / "one.py"): {5, 900, 5000}}


def test_beyond_the_last_row_tests_are_not_told_apart(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their lines are in the overflow row, and the file says so."""
    monkeypatch.setattr("afterawait.agent.witness.attribution.MOST_ROWS", 4)
    rows = rows_in(tmp_path, source)
    for number in range(5):
        store(rows, rows.row(RowKind.TEST, f"test_{number}"), str(source / "one.py"), number + 1)

    found = recordings.read(only_file(tmp_path))

    assert {(row.kind, row.name): lines for row, _, lines in found.by_row()} == {
        (RowKind.TEST, "test_0"): {1},
        (RowKind.TEST, "test_1"): {2},
        (RowKind.OVERFLOW, ""): {3, 4, 5},
    }
    assert found.lost == 3


@pytest.mark.parametrize("size", [*range(0, 200, 7), *range(format.RECORDS - 9, SEGMENT, 4999), SEGMENT - 1])
def test_a_file_cut_off_anywhere_is_named(written: Path, size: int) -> None:
    """At any byte: one sentence that names it, never a traceback, never silence."""
    written.write_bytes(written.read_bytes()[:size])

    with pytest.raises(MeasurementFault, match=written.name) as fault:
        recordings.read(written)

    assert "is empty" in fault.value.message if not size else "cut off after" in fault.value.message


def test_another_version_is_named(written: Path) -> None:
    """Written by an older or a newer agent."""
    data = bytearray(written.read_bytes())
    data[len(format.MAGIC)] += 1
    written.write_bytes(data)

    with pytest.raises(
        MeasurementFault, match=f"it has version {format.VERSION + 1} of the format, and this is {format.VERSION}"
    ):
        recordings.read(written)


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    """A folder in its place, say: permissions mean nothing to root."""
    (tmp_path / "witness-1-1.bin").mkdir()

    with pytest.raises(MeasurementFault, match="cannot be read"):
        recordings.read(tmp_path / "witness-1-1.bin")


@pytest.mark.parametrize("seed", range(40))
def test_damage_never_ends_in_a_traceback(written: Path, seed: int) -> None:
    """Bytes changed at random among the records: the file is read, or it is named."""
    dice = random.Random(seed)  # noqa: S311  # the same damage every time
    data = bytearray(written.read_bytes())
    for _ in range(8):
        data[dice.randrange(format.RECORDS, format.RECORDS + 1000)] = dice.randrange(256)
    written.write_bytes(data)

    with contextlib.suppress(MeasurementFault):
        found = recordings.read(written)

        assert {row.kind for row, _, _ in found.by_row()} <= set(RowKind)


def test_a_record_that_is_not_whole_yet_does_not_count(tmp_path: Path) -> None:
    """The kind is written last: whoever reads meanwhile sees the end."""
    file = Writer(tmp_path, "server")
    file.append(Kind.ROW, format.ROW.pack(0, RowKind.TEST) + b"whole")
    at = format.RECORDS + format.RECORD.size + format.padded(format.ROW.size + len("whole"))
    file.append(Kind.ROW, format.ROW.pack(1, RowKind.TEST) + b"half")
    path = only_file(tmp_path)
    with path.open("r+b") as raw:
        raw.seek(at)
        raw.write(b"\0")

    assert [row.name for row in recordings.read(path).rows.values()] == ["whole"]


def test_a_record_that_was_given_up_half_way_is_passed_over(tmp_path: Path) -> None:
    """A signal handler raised in the middle of it: what came later still counts."""
    file = Writer(tmp_path, "server")
    file.append(Kind.ROW, format.ROW.pack(0, RowKind.TEST) + b"given up")
    file.append(Kind.ROW, format.ROW.pack(1, RowKind.TEST) + b"later")
    path = only_file(tmp_path)
    with path.open("r+b") as raw:
        raw.seek(format.RECORDS)
        raw.write(bytes([Kind.OPEN]))

    assert [row.name for row in recordings.read(path).rows.values()] == ["later"]


def test_a_live_reader_waits_for_a_record_that_is_being_written(tmp_path: Path) -> None:
    """It is not passed over while it is the last: the next look finds it whole."""
    file = Writer(tmp_path, "server")
    file.append(Kind.ROW, format.ROW.pack(0, RowKind.TEST) + b"soon")
    path = only_file(tmp_path)
    with path.open("r+b") as raw:
        raw.seek(format.RECORDS)
        raw.write(bytes([Kind.OPEN]))
        raw.flush()
        found = recordings.read(path, live=True)
        before = dict(found.rows)
        raw.seek(format.RECORDS)
        raw.write(bytes([Kind.ROW]))
    recordings.read_on(found)

    assert before == {}
    assert [row.name for row in found.rows.values()] == ["soon"]


def test_an_interrupted_append_harms_nothing_and_is_counted(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signal handler with measured lines of its own comes in the middle of a record: the file stays whole."""
    rows = rows_in(tmp_path, source)
    append = Writer._append
    inner: list[int] = []

    def interrupted(self: Writer, kind: Kind, payload: bytes, room: int) -> memoryview:
        if not inner:
            inner.append(1)
            store(rows, rows.row(RowKind.STARTUP, ""), str(source / "one.py"), 7)
        return append(self, kind, payload, room)

    monkeypatch.setattr(Writer, "_append", interrupted)
    store(rows, rows.row(RowKind.TEST, "test_outer"), str(source / "one.py"), 3)

    found = recordings.read(only_file(tmp_path))
    assert {row.name: lines for row, _, lines in found.by_row()} == {"test_outer": {3}}
    assert found.lost == 1
