"""The runs that are kept, `.afterawait/runs`: made, marked as judged, swept; the link to the latest. Driver process.

A run's folder gets its mark, and the link moves to it, when the run has been judged and its reports are written. Until
then, and if that never comes, the link leads to the run that was judged before.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from afterawait import protocol
from afterawait.runs import lock

NAME = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4}")
VERSION = 1  # of judged.json's format


def make(state: Path) -> Path:
    """A new folder for a run, for its owner's eyes alone. Raises OSError."""
    runs = state / protocol.RUNS
    runs.mkdir(mode=0o700, exist_ok=True)
    while True:
        path = runs / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)
            return path


def conclude(state: Path, folder: Path, runs: Iterable[Path], keep: int) -> None:
    """Mark `folder`, which holds the reports of `runs`, as judged, and let the link `latest` lead to it.

    In one rename: there is never none. Then older runs go, so that `keep` stay. Raises OSError.
    """
    names = ["." if run.samefile(folder) else str(run.absolute()) for run in runs]
    mark = folder / protocol.JUDGED
    draft = mark.with_suffix(".tmp")
    draft.write_text(json.dumps({"version": VERSION, "runs": names}), encoding="utf-8")
    draft.replace(mark)
    link = state / f"{protocol.LATEST}.{os.getpid()}.tmp"
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(folder, state), target_is_directory=True)
    link.replace(state / protocol.LATEST)
    sweep(state, keep, folder, judged=True)


def made_of(folder: Path) -> list[Path]:
    """The runs that the reports in `folder` were made of; none where it was not judged."""
    try:
        mark = json.loads((folder / protocol.JUDGED).read_text(encoding="utf-8"))
        if mark["version"] != VERSION:
            return []
        return [(folder / each).resolve() for each in mark["runs"]]
    except (OSError, ValueError, TypeError, KeyError):
        return []


def unjudged(state: Path) -> list[Path]:
    """The folders of runs that were not judged, the oldest first."""
    return [each for each in _all(state) if not (each / protocol.JUDGED).is_file()]


def sweep(state: Path, keep: int, current: Path, *, judged: bool) -> None:
    """Remove the oldest runs until `keep` are left: first those that were never judged, then, if `judged`, the others.

    A run that failed to begin, or was cut short, thus costs no reports of an earlier one. The `current` one stays, and
    what `latest` leads to, and whose processes live.
    """
    found = _all(state)
    unmarked = unjudged(state)
    order = unmarked + [each for each in found if judged and each not in unmarked]
    spared = {current.resolve(), *_latest(state)}
    excess = len(found) - keep
    for each in order:
        if excess > 0 and each.resolve() not in spared and lock.processes_end(each):
            shutil.rmtree(each, ignore_errors=True)
            excess -= 1


def _latest(state: Path) -> list[Path]:
    """The folder that the link leads to, and the runs that its reports were made of."""
    return [(state / protocol.LATEST).resolve(), *made_of(state / protocol.LATEST)]


def _all(state: Path) -> list[Path]:
    """The folders of runs, the oldest first."""
    runs = state / protocol.RUNS
    names = sorted(each.name for each in runs.iterdir()) if runs.is_dir() else []
    return [runs / each for each in names if NAME.fullmatch(each) and not (runs / each).is_symlink()]
