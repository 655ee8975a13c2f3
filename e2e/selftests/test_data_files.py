"""A data file that is damaged makes the run exit 3, and does not take the good ones along. Test process."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.selftests.project import Project


def shrink(path: Path) -> None:
    """Cut a file in half."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def data_file_of(project: Project, role: str) -> Path:
    """The data file of the process with that role."""
    for record in project.run_folder.glob("process-*.json"):
        if f'"role": "{role}"' in record.read_text():
            pid = record.stem.split("-")[1]
            return next(project.run_folder.glob(f".coverage.*.pid{pid}.*"))
    raise AssertionError(f"no process was a {role}")


@pytest.mark.parametrize("role", ["server", "runner"])
def test_a_truncated_data_file_is_named_and_the_others_are_combined(judged: Project, role: str) -> None:
    """A file cut in half is found before the merge, which would pass over it or stop at it."""
    damaged = data_file_of(judged, role)
    shrink(damaged)

    ended = judged.run(str(judged.run_folder), module="combine")

    assert ended.status == 3, ended.output
    assert f"The data file {damaged} is damaged" in ended.output
    assert "left no data file" not in ended.output
    assert "toy/main.py" in ended.output


def test_an_empty_data_file_is_named(judged: Project) -> None:
    """A file of no bytes is a valid SQLite database, and no measurement."""
    damaged = data_file_of(judged, "server")
    damaged.write_bytes(b"")

    ended = judged.run(str(judged.run_folder), module="combine")

    assert ended.status == 3, ended.output
    assert str(damaged) in ended.output


def test_a_data_file_whose_process_died_while_saving_is_named(judged: Project) -> None:
    """SQLite's journal beside the file says that the last write was never finished."""
    damaged = data_file_of(judged, "server")
    damaged.with_name(damaged.name + "-journal").write_bytes(b"unfinished")

    ended = judged.run(str(judged.run_folder), module="combine")

    assert ended.status == 3, ended.output
    assert "ended while it was being written" in ended.output
