"""scripts/proof.sh in its short form: the same proofs, with fewer kills. Test process."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.proof import exact, kills


@pytest.mark.parametrize("fast", [False, True], ids=["default", "fast"])
def test_lines_are_credited_exactly_under_concurrent_requests(tmp_path: Path, fast: bool) -> None:
    """Two hundred at once, under two hundred ids, through twelve kinds of asynchronous work and two processes."""
    result = exact.prove(tmp_path / "stage", ids=200, workers=2, fast=fast)

    assert (result.examples, result.wrong, result.missing, result.faults) == ([], 0, 0, [])
    assert result.lines > 200 * 10


@pytest.mark.parametrize("times", [3, pytest.param(10, marks=pytest.mark.full)])
def test_a_killed_server_has_lost_nothing(tmp_path: Path, times: int) -> None:
    """At random moments under load: every line that the oracle heard of is in a readable file."""
    result = kills.prove(tmp_path / "stage", kills=times, say=lambda _: None)

    assert (result.kills, result.lost, result.unreadable) == (times, 0, [])
    assert result.lines > 0
