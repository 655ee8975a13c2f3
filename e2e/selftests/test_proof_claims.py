"""What coverage.py claims that never was, and that the proof of it can fail. Test process."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from e2e.proof.claims import run, table
from e2e.proof.claims.matrix import ClaimsMatrix
from e2e.proof.claims.run import WAYS, Claim, Way
from e2e.proof.lost import table as lost_table
from e2e.proof.lost.matrix import Matrix

HERE = sys.version_info[:2]
FALSE = {
    "C tracer": {"annotations that are evaluated": 3},
    "sysmon, branches": {
        "a call left by an error": 1,
        "two coroutines that take turns": 1,
        "an `else` that is not reached": 1,
    },
}
"""What coverage.py is known to claim from Python 3.14 on; before, nothing of this."""


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.ours)
def test_what_coverage_py_claims_this_project_does_not(tmp_path: Path, way: Way) -> None:
    """False branches by sys.monitoring, lines over which annotations were evaluated: in no report of a run."""
    if not way.runs_on(HERE):
        pytest.skip("before Python 3.14 coverage.py measures no branches by sys.monitoring")

    claims = run.run(way, Path(sys.executable), tmp_path.resolve())

    assert len(claims) == len(run.PARTS)
    for part, reports in claims.items():
        assert reports.pop(way.ours) == Claim()
        for name, claim in reports.items():
            known = FALSE[name].get(part, 0) if HERE >= (3, 14) else 0
            assert (len(claim.false), claim.lost) == (known, []), (part, name)


def test_what_cannot_be_measured_is_told(tmp_path: Path) -> None:
    """An interpreter that is none."""
    shim = tmp_path / "python"
    shim.write_text("#!/bin/sh\necho no such thing >&2\nexit 1\n")
    shim.chmod(0o755)
    (tmp_path / "stage").mkdir()

    with pytest.raises(RuntimeError, match="no such thing"):
        run.run(WAYS[0], shim, tmp_path / "stage")


def test_the_proof_fails_where_a_report_of_this_project_claims_or_denies() -> None:
    """coverage.py's own may: that is what is shown."""
    python = (3, 14)
    theirs, ours = WAYS[0].theirs, WAYS[0].ours
    good = ClaimsMatrix({python: {"a part": {theirs: Claim(["3: x = 1"]), ours: Claim()}}})
    false = ClaimsMatrix({python: {"a part": {theirs: Claim(), ours: Claim(["3: x = 1"])}}})
    lost = ClaimsMatrix({python: {"a part": {ours: Claim(lost=["3: x = 1"])}}})
    failed = ClaimsMatrix(failed={(python, WAYS[0]): "no room"})

    assert good.faults() == []
    assert good.missing() == []
    assert false.faults() == [f"{ours}, Python 3.14, a part: claimed ['3: x = 1'], denied []"]
    assert lost.faults()
    assert failed.missing() == [f"{ours}, Python 3.14: no room"]


def test_tables_say_what_is_false_and_what_there_is_not() -> None:
    """For a terminal, for the page and for a machine."""
    way = WAYS[0]
    parts = {"a part": {way.theirs: Claim(["3: x = 1"]), way.ours: Claim()}}
    matrix = ClaimsMatrix({(3, 12): parts}, {((3, 12), WAYS[2]): "no room"})

    assert "| 3.12 | a part | 1 false | n/a | 0 | n/a | not run |" in table.markdown(matrix)
    assert "3.12    a part     1 false" in table.terminal(matrix)
    kept = json.loads(lost_table.machine_readable(Matrix(), table.as_data(matrix)))
    assert kept["claims"][0][way.theirs] == {"false": 1, "lost": 0}
