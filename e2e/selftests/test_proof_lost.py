"""What coverage.py loses, and that the proof of it can fail. Test process."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from afterawait.databases import factory
from afterawait.databases.base import DatabaseServer
from e2e.proof import __main__ as command
from e2e.proof.claims.matrix import ClaimsMatrix
from e2e.proof.lost import pythons, run, table
from e2e.proof.lost.cells import FOUNDING, OURS, SETTINGS, WIDE, WITHOUT, Cell, Libraries, Outcome, Setting, cells
from e2e.proof.lost.matrix import LOSING, Matrix
from e2e.selftests.project import Project

HERE = Libraries((sys.version_info[0], sys.version_info[1]), "2.1")


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[DatabaseServer]:
    """Databases for cells."""
    with factory.open_server("sqlite+aiosqlite://", folder=tmp_path, run="proof") as server:
        yield server


@pytest.mark.parametrize("case", WIDE)
@pytest.mark.parametrize("setting", [LOSING, *OURS], ids=str)
def test_only_the_settings_of_this_project_see_all(
    sqlite: DatabaseServer, tmp_path: Path, setting: Setting, case: str
) -> None:
    """As it comes, coverage.py denies lines that ran and claims others."""
    outcome = run.run(Cell(case, HERE, "aiosqlite", setting), Path(sys.executable), sqlite, tmp_path, 1)

    assert not outcome.told
    assert outcome.ran > 250
    assert bool(outcome.lost) == (setting == LOSING)
    assert bool(outcome.invented) == (setting == LOSING)


@pytest.mark.parametrize("case", FOUNDING)
def test_the_application_of_the_question_is_measured_as_it_was_asked(
    sqlite: DatabaseServer, tmp_path: Path, case: str
) -> None:
    """In the test's process and as a live server."""
    outcome = run.run(Cell(case, HERE, "aiosqlite", OURS[0]), Path(sys.executable), sqlite, tmp_path, 1)

    assert outcome == Outcome(ran=18)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        (Setting("pytrace", "greenlet"), "refused: Can't support concurrency=greenlet"),
        (Setting("sysmon", "greenlet"), "refused: it measures with CTracer instead"),
    ],
    ids=str,
)
def test_what_coverage_py_refuses_is_not_counted(
    sqlite: DatabaseServer, tmp_path: Path, setting: Setting, told: str
) -> None:
    """An error of its own, or another tracer than the one that was asked for."""
    outcome = run.run(Cell(FOUNDING[1], HERE, "aiosqlite", setting), Path(sys.executable), sqlite, tmp_path, 1)

    assert outcome.told.startswith(told)
    assert (outcome.ran, outcome.lost) == (0, 0)


def test_what_cannot_run_is_not_run(sqlite: DatabaseServer, tmp_path: Path) -> None:
    """An interpreter that is none, a database that is not there: told, never guessed."""
    shim = tmp_path / "python"
    shim.write_text("#!/bin/sh\nexit 1\n")
    shim.chmod(0o755)

    outcome = run.run(Cell(FOUNDING[1], HERE, "aiosqlite", OURS[0]), shim, sqlite, tmp_path, 1)
    wrong = run.run(
        Cell(FOUNDING[1], Libraries(HERE.python, WITHOUT), "asyncpg", OURS[0]),
        Path(sys.executable),
        sqlite,
        tmp_path,
        2,
    )

    assert outcome.told.startswith("not run: ")
    assert wrong.told.startswith("not run: ")


def test_shims_that_lie_are_no_interpreters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each minor version the newest that really runs."""
    for name in ("python3.9", "python3.12", "python3.13", "python3.14"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 127\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))

    assert pythons.interpreters() == {HERE.python: Path(sys.executable)}


def test_the_proof_fails_where_its_own_settings_lose_or_invent() -> None:
    """And where it sees no loss that is known to be there; older Pythons are not promised anything."""
    ours = Cell(WIDE[0], HERE, "asyncpg", OURS[0])
    old = Cell(FOUNDING[1], Libraries((3, 9), "1.4"), "asyncpg", OURS[0])
    losing = Cell(WIDE[1], HERE, "asyncpg", LOSING)

    assert Matrix({ours: Outcome(9), losing: Outcome(9, lost=2), old: Outcome(9, lost=1)}).faults() == []
    [lost] = Matrix({ours: Outcome(9, lost=1, examples=("3: return",))}).faults()
    assert "1 lines lost, 0 invented 3: return" in lost
    assert Matrix({ours: Outcome(9, invented=1)}).faults()
    [blind] = Matrix({losing: Outcome(9, lost=0)}).faults()
    assert "sees no loss" in blind


def test_the_proof_fails_where_it_has_proven_nothing() -> None:
    """Its own settings, and what it must be seen to catch: measured, in each environment that could be built."""
    ours = Cell(WIDE[0], HERE, "asyncpg", OURS[0])
    losing = Cell(WIDE[0], HERE, "asyncpg", LOSING)
    there = {HERE.name: {"python": "3"}}

    assert Matrix({ours: Outcome(9), losing: Outcome(9, lost=1)}, there).missing() == []
    [missing] = Matrix({ours: Outcome(9), losing: Outcome(told="not run: why")}, there).missing()
    assert missing.endswith("not run: why")
    assert len(Matrix({ours: Outcome(0), losing: Outcome(9, lost=1)}, there).missing()) == 2
    [nothing] = Matrix({ours: Outcome(told="not run: it cannot be built")}).missing()
    assert nothing == "Not one of this project's own settings was measured"


def test_a_part_is_not_written_as_the_whole(project: Project) -> None:
    """--quick --write: one sentence, and docs/ as it was."""
    ended = project.run("--quick", "--write", module="e2e.proof")

    assert ended.status == 4
    assert "--quick shows a part" in ended.output


def test_tables_say_what_was_lost_refused_and_not_run(tmp_path: Path) -> None:
    """Between the marks of the page, which is otherwise left as it is."""
    outcomes = {cell: Outcome(20) for cell in cells([HERE]) if cell.case == WIDE[0]}
    for cell in outcomes:
        if cell.setting == LOSING:
            outcomes[cell] = Outcome(20, lost=3, invented=1)
        elif cell.setting == SETTINGS[1]:
            outcomes[cell] = Outcome(told="not run: no time")
        elif cell.setting.core == "pytrace":
            outcomes[cell] = Outcome(told="refused: greenlets")
    matrix = Matrix(outcomes, {HERE.name: {"python": "3.x"}})
    page = tmp_path / "proof.md"
    page.write_text(f"before\n{command.BEGIN}\nstale\n{command.END}\nafter\n")

    command.write(matrix, ClaimsMatrix(), tmp_path, draw=lambda *_: None)

    text = page.read_text()
    assert "| 20 | 3 lost, 1 invented | 0 |" in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "stale" not in text
    assert "refused: greenlets" in text
    assert "C tracer, greenlet: not run: no time" in table.terminal(matrix)
    kept = json.loads((tmp_path / "proof.json").read_text())
    assert kept["rows"][0][str(LOSING)] == {"lost": 3, "invented": 1}
    assert kept["rows"][0][str(SETTINGS[1])] == "not run: no time"
