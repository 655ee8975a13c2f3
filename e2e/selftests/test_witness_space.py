"""The room that a witness file takes: it grows as needed, and every byte is there before it is mapped. Test process."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from afterawait.agent.witness.format import RowKind
from afterawait.agent.witness.writer import SEGMENT, Writer
from afterawait.evidence import recordings
from e2e.selftests.witnessed_rows import LINES, measured_sources, only_file, rows_in, store


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder of measured sources, one file of LINES lines in it."""
    return measured_sources(tmp_path)


def test_it_grows_without_losing_a_line(tmp_path: Path, source: Path) -> None:
    """Far more tests than the first segment holds, and than are kept open: each keeps its lines, old ones return."""
    rows = rows_in(tmp_path, source)
    name = str(source / "one.py")
    tests = 10 * SEGMENT // LINES // 2
    for _ in range(2):
        for number in range(tests):
            store(rows, rows.row(RowKind.TEST, f"test_{number}"), name, number % LINES + 1)

    path = only_file(tmp_path)
    found: dict[str, set[int]] = {}
    for row, _, lines in recordings.read(path).by_row():
        found.setdefault(row.name, set()).update(lines)

    assert path.stat().st_size > 5 * SEGMENT
    assert found == {f"test_{number}": {number % LINES + 1} for number in range(tests)}
    assert rows.lost == 0


def test_a_source_longer_than_a_segment_has_room(tmp_path: Path, source: Path) -> None:
    """However long: a block is never cut."""
    lines = 3 * SEGMENT
    (source / "long.py").write_bytes(b"\n" * lines)
    rows = rows_in(tmp_path, source)

    store(rows, rows.row(RowKind.STARTUP, ""), str(source / "long.py"), lines)
    store(rows, rows.row(RowKind.STARTUP, ""), str(source / "one.py"), 1)

    assert {Path(name).name: seen for name, seen in recordings.read(only_file(tmp_path)).lines.items()} == {
        "long.py": {lines},
        "one.py": {1},
    }


@pytest.mark.parametrize("refusal", [None, errno.EOPNOTSUPP, errno.EINVAL], ids=["absent", "refused", "invalid"])
def test_without_posix_fallocate_a_file_holds_no_hole(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch, refusal: int | None
) -> None:
    """macOS does not have it, some filesystems refuse it: what is mapped is written out first, all the same."""

    def refused(*_: object) -> None:
        raise OSError(refusal, "refused")

    if refusal is None:
        monkeypatch.delattr(os, "posix_fallocate", raising=False)
    else:
        monkeypatch.setattr(os, "posix_fallocate", refused, raising=False)
    rows = rows_in(tmp_path, source)

    for number in range(20_000):
        store(rows, rows.row(RowKind.TEST, f"test_{number}"), str(source / "one.py"), 1)

    status = only_file(tmp_path).stat()
    assert status.st_size > 3 * SEGMENT
    assert status.st_blocks * 512 >= status.st_size
    assert rows.lost == 0


def test_a_disk_that_is_full_refuses_with_posix_fallocate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To write zeros instead would fill it to the last byte."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)

    with pytest.raises(OSError, match="full"):
        Writer(tmp_path, "server")

    assert list(tmp_path.iterdir()) == []


def test_before_python_3_13_each_map_holds_a_descriptor(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """mmap cannot be told then to let go of it: the file is the same."""
    monkeypatch.setattr("afterawait.agent.witness.writer.CAN_LET_GO", False)
    rows = rows_in(tmp_path, source)

    store(rows, rows.row(RowKind.STARTUP, ""), str(source / "one.py"), 7)

    assert recordings.read(only_file(tmp_path)).lines == {str(source / "one.py"): {7}}
