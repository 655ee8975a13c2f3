"""Lines of processes that fork, are interrupted or are ended, and that the proof of them can fail. Test process."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from e2e.proof import scene
from e2e.proof.lost import table as lost_table
from e2e.proof.lost.matrix import Matrix
from e2e.proof.ways import run, table
from e2e.proof.ways.matrix import WaysMatrix
from e2e.proof.ways.rows import COLUMNS, ROWS, Column, Row
from e2e.proof.ways.run import Outcome

BY_NAME = {row.name: row for row in ROWS}
ALONE, _, OURS, FAST = COLUMNS
PYTHON = (3, 13)
SAMPLE = ["a signal handler that raises", "fork in a thread, which returns", "every ContextVar set to None"]
LOSES = "SIGTERM"


def measured(row: Row, column: Column, place: Path) -> WaysMatrix:
    """One cell."""
    outcome = run.run(row, column, Path(sys.executable), place.resolve())
    return WaysMatrix({(PYTHON, row, column): outcome})


@pytest.mark.parametrize(
    ("row", "column"),
    [
        pytest.param(row, column, id=f"{row.name}, {column.name}", marks=[] if sampled else pytest.mark.full)
        for row in ROWS
        for column, sampled in ((OURS, row.name in SAMPLE), (FAST, False))
    ],
)
def test_nothing_is_lost_or_credited_wrongly_beyond_what_is_said(tmp_path: Path, row: Row, column: Column) -> None:
    """Of either mode; what remains is a limit that its row tells."""
    found = measured(row, column, tmp_path)

    assert (found.faults(), found.missing()) == ([], [])


def test_coverage_py_alone_loses_what_a_signal_ends(tmp_path: Path) -> None:
    """So the probe sees a loss where there is one."""
    row = BY_NAME[LOSES]

    [outcome] = measured(row, ALONE, tmp_path).outcomes.values()

    assert (len(outcome.lost), outcome.failed) == (outcome.ran, "")
    assert outcome.ran > 5


def test_the_proof_sees_what_the_agent_would_lose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that does not save when a signal ends it: the data are lost, the run is refused, and the proof fails."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import signal\nfrom afterawait.agent import hook, signals\nhook.start()\n"
        "signals._signal(signal.SIGTERM, signal.SIG_DFL)\n"
    )
    (tmp_path / "place").mkdir()
    monkeypatch.setattr(run, "AGENT", (broken, *scene.AGENT))

    found = measured(BY_NAME[LOSES], OURS, tmp_path / "place")

    [fault] = found.faults()
    assert "lines lost: " in fault
    [outcome] = found.outcomes.values()
    assert outcome.refused


ROW = Row("a way", "left", limit="")
LIMITED = Row("a limit", "left", limit="it is said")


@pytest.mark.parametrize(
    ("row", "outcome", "fault"),
    [
        pytest.param(ROW, Outcome(9), "", id="nothing"),
        pytest.param(ROW, Outcome(9, lost=["3: a"], unseen=["3: a"]), "1 lines lost: 3: a", id="lost"),
        pytest.param(ROW, Outcome(9, wrong=["3: a"]), "1 lines credited wrongly: 3: a", id="wrong"),
        pytest.param(ROW, Outcome(9, failed="it ended with 1"), "it ended with 1", id="failed"),
        pytest.param(ROW, Outcome(9, said=["No."], refused=True), "a sound run is refused: No.", id="refused"),
        pytest.param(LIMITED, Outcome(9, lost=["3"], unseen=["3"], said=["It may have run."]), "", id="said"),
        pytest.param(LIMITED, Outcome(9, unseen=["3"], lost=["3"]), "nothing is said", id="not said"),
        pytest.param(LIMITED, Outcome(9, lost=["3"], said=["Hm."]), "the run is believed", id="believed"),
    ],
)
def test_what_is_a_fault(row: Row, outcome: Outcome, fault: str) -> None:
    """Of this project's columns; coverage.py's own may lose what it will."""
    ours = WaysMatrix({(PYTHON, row, OURS): outcome}).faults()
    theirs = WaysMatrix({(PYTHON, row, ALONE): outcome}).faults()

    assert bool(ours) == bool(fault)
    assert not ours or any(fault in each for each in ours)
    assert theirs == []


def test_tables_say_what_is_lost_seen_and_said() -> None:
    """For a terminal, for the page and for a machine."""
    matrix = WaysMatrix(
        {
            (PYTHON, LIMITED, ALONE): Outcome(9, lost=["3: a"] * 4),
            (PYTHON, LIMITED, OURS): Outcome(9, lost=["3: a"], said=["No."], refused=True),
            (PYTHON, LIMITED, FAST): Outcome(9, wrong=["3: a"]),
        },
        {(PYTHON, LIMITED, COLUMNS[1]): "no room"},
    )

    row = "| 3.13 | a limit | 9 | 4 lost | not run | 1 lost, the witness has them, refused | 1 credited wrongly |"
    assert row in table.markdown(matrix)
    assert "a limit: it is said." in table.terminal(matrix)
    kept = json.loads(lost_table.machine_readable(Matrix(), ways=table.as_data(matrix)))
    assert kept["ways"][0][ALONE.name] == {"ran": 9, "lost": 4}
    assert matrix.missing() == []
