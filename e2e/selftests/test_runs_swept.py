"""Which runs are kept, and which go. Test process."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from afterawait import protocol
from afterawait.runs import kept


def kept_run(state: Path, name: str, *, judged: bool) -> Path:
    """A run's folder of the past."""
    folder = state / protocol.RUNS / f"20260101-0000{name}"
    folder.mkdir(parents=True)
    (folder / protocol.MANIFEST).write_text("{}")
    (folder / protocol.PROCESSES).touch()
    if judged:
        kept.conclude(state, folder, [folder], keep=99)
    return folder


def names(state: Path) -> str:
    """The runs that are left, by the two digits of their second."""
    return " ".join(sorted(each.name[-7:-5] for each in (state / protocol.RUNS).iterdir()))


@pytest.mark.parametrize(
    ("past", "keep", "begun", "concluded"),
    [
        ("01J 02J 03J", 2, "01 02 03 09", "03 09"),
        ("01J 02- 03-", 3, "01 03 09", "01 03 09"),
        ("01- 02J 03-", 1, "02 09", "09"),
        ("01J", 10, "01 09", "01 09"),
    ],
    ids=["judged ones go at the end", "others go first", "one is kept", "fewer than are kept"],
)
def test_which_runs_go(tmp_path: Path, past: str, keep: int, begun: str, concluded: str) -> None:
    """One that begins costs no judged run: it may come to nothing. One that was judged is one of those that stay."""
    for each in past.split():
        kept_run(tmp_path, f"{each[:2]}-0000", judged=each.endswith("J"))
    new = kept_run(tmp_path, "09-0000", judged=False)

    kept.sweep(tmp_path, keep, new, judged=False)
    at_first = names(tmp_path)
    kept.conclude(tmp_path, new, [new], keep)

    assert (at_first, names(tmp_path)) == (begun, concluded)


def test_what_still_runs_or_is_nobodys_does_not_go(tmp_path: Path) -> None:
    """A run whose processes live, what the latest reports were made of, and folders that somebody else put there."""
    living, source, gone = (kept_run(tmp_path, f"0{number}-0000", judged=False) for number in (1, 2, 3))
    reports = kept_run(tmp_path, "04-0000", judged=False)
    (tmp_path / protocol.RUNS / "mine-0-0000").mkdir()
    (tmp_path / protocol.RUNS / "20250101-000000-0000").symlink_to(tmp_path)

    with (living / protocol.PROCESSES).open() as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        kept.conclude(tmp_path, reports, [source], keep=1)

    left = {each.name for each in (tmp_path / protocol.RUNS).iterdir()}
    assert left == {living.name, source.name, reports.name, "mine-0-0000", "20250101-000000-0000"}
    assert not gone.exists()
