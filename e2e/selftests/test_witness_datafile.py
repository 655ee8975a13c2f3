"""coverage.py's data files as the harness writes them: the same whichever way they are written. Test process."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from coverage import CoverageData

from afterawait.evidence import line_sets
from afterawait.reports import contexts, contexts_sql
from afterawait.reports.measured import Measured

NAME = "/somewhere/app/main.py"
OTHER = "/somewhere/tests/test_app.py"
CREDIT = {NAME: {"": line_sets.of([1, 2]), "test_one": line_sets.of([2, 3, 9]), "test_two": line_sets.of([3, 4])}}
ARCS = [(-1, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, -1)]


def measured(path: Path, *, arcs: bool) -> CoverageData:
    """What coverage.py combined, before anybody knows who ran what."""
    data = CoverageData(basename=str(path))
    if arcs:
        data.add_arcs({NAME: ARCS, OTHER: [(-1, 1), (1, -1)]})
    else:
        data.add_lines({NAME: [1, 2, 3, 4, 5], OTHER: [1]})
    data.touch_files(["/somewhere/app/never.py"])
    return data


def told(path: Path) -> dict[str, tuple[object, ...]]:
    """All that a data file says of each file."""
    data = CoverageData(basename=str(path))
    data.read()
    with closing(data):
        return {
            name: (
                sorted(data.lines(name) or ()),
                sorted(data.arcs(name) or ()),
                {line: sorted(names) for line, names in data.contexts_by_lineno(name).items()},
            )
            for name in data.measured_files()
        }


def other_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if coverage.py had a new one."""
    monkeypatch.setattr(contexts_sql, "SCHEMA", contexts_sql.SCHEMA - 1)


@pytest.mark.parametrize("arcs", [True, False], ids=["arcs", "lines"])
@pytest.mark.parametrize("how", [lambda _: None, other_schema], ids=["SQLite", "coverage.py"])
def test_each_line_is_under_the_contexts_that_ran_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arcs: bool, how: Callable[[pytest.MonkeyPatch], None]
) -> None:
    """The lines and arcs are those that were combined; 9, which a killed process ran, is not among them."""
    how(monkeypatch)

    with closing(measured(tmp_path / "before", arcs=arcs)) as data:
        contexts.write(Measured(data), CREDIT, tmp_path / "after")

    found = told(tmp_path / "after")
    lines, all_arcs, names = found[NAME]
    assert found.keys() == told(tmp_path / "before").keys()
    assert lines == [1, 2, 3, 4, 5]
    assert all_arcs == (sorted(ARCS) if arcs else [])
    who = {1: [""], 2: ["", "test_one"], 3: ["test_one", "test_two"], 4: ["test_two"], 5: [contexts.ACROSS]}
    assert names == (who | {4: [contexts.ACROSS, "test_two"]} if arcs else who)
    assert found[OTHER][2] == {1: [""]}


def test_lines_as_cells_are_the_lines_of_a_block() -> None:
    """Whatever the generation; line 0 is no line."""
    assert line_sets.lines(line_sets.of_block(b"\1\0\7\0\xff\0")) == {2, 4}
    assert line_sets.lines(line_sets.of([4, 2])) == {2, 4}
    assert line_sets.lines(line_sets.of([])) == line_sets.lines(line_sets.of_block(b"")) == set()
