"""The data files that a run's processes left: found, checked one by one, read raw. Driver process.

`coverage combine` warns about a damaged file and exits 0, or stops at it and skips good ones; hence a check of
our own, before anything is merged. Lines are coverage.py's raw ones (`CoverageData.lines`), not statements.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from coverage import CoverageData
from coverage.exceptions import CoverageException
from coverage.files import relative_filename

from afterawait import protocol
from afterawait.agent import canary
from afterawait.agent.witness.sources import is_python
from afterawait.faults import MeasurementFault

_PID = re.compile(r"\.pid(\d+)\.")


@dataclass(frozen=True)
class DataFile:
    """One process's data: recorded lines by absolute file name; the canary's apart.

    `names` are all absolute names by those in the file itself. Of `traced` ones a plugin says what their lines are.
    """

    path: Path
    pid: int
    branches: bool
    lines: dict[str, frozenset[int]]
    canary: frozenset[int]
    names: Mapping[str, str] = field(default_factory=dict)
    traced: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    """Names in the file itself of what does not count, and is in none of these."""


def data_files(
    folder: Path, root: Path, *, monitored: bool = False
) -> tuple[list[DataFile], dict[Path, MeasurementFault]]:
    """Every data file in `folder` that is whole, and by its path a fault for each that is not.

    `root` is what names are relative to that coverage.py was told to keep so. `monitored`: see `recorded`.
    """
    good: list[DataFile] = []
    bad: dict[Path, MeasurementFault] = {}
    for path in sorted(folder.glob(protocol.DATA_FILES)):
        if path.name.endswith(("-journal", "-wal", "-shm")):
            continue
        try:
            good.append(read(path, root, monitored=monitored))
        except MeasurementFault as fault:
            bad[path] = fault
    return good, bad


def read(path: Path, root: Path, *, monitored: bool = False) -> DataFile:
    """One data file, checked. Raises MeasurementFault naming it and what is wrong with it."""
    if path.with_name(path.name + "-journal").exists():
        raise _damaged(path, "its process ended while it was being written")
    if not path.stat().st_size:
        raise _damaged(path, "it is empty")
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            (answer,) = database.execute("PRAGMA integrity_check").fetchone()
            if answer != "ok":
                raise _damaged(path, answer)
        data = CoverageData(basename=str(path))
        data.read()
        with closing(data):
            names = {name: str(root / name) for name in data.measured_files()}
            traced = {name for name in names if data.file_tracer(name) or not is_python(name)}  # no witness sees them
            lines = {names[name]: recorded(data, name, monitored=monitored) for name in names.keys() - traced}
            branches = data.has_arcs()
    except (sqlite3.Error, CoverageException, UnicodeError) as error:
        raise _damaged(path, str(error)) from None
    crossed = [lines.pop(name) for name in list(lines) if canary.is_measured_half(name)]
    of_plugins = frozenset(names[name] for name in traced)
    return DataFile(path, pid_of(path), branches, lines, frozenset().union(*crossed), names, of_plugins)


def recorded(data: CoverageData, name: str, *, monitored: bool) -> frozenset[int]:
    """The lines of a file, by its name there.

    `monitored`: by sys.monitoring. Where coverage.py asks it for branches, each line that ran is an arc from itself to
    itself; the other arcs are worked out, and may end at a line that never ran.
    """
    if monitored and data.has_arcs():
        return frozenset(start for start, end in data.arcs(name) or () if start == end > 0)
    return frozenset(data.lines(name) or ())


def lines_in(combined: CoverageData, name: str) -> set[int]:
    """The lines of a file, by its absolute name, in data that may hold names from the working folder."""
    return set(combined.lines(name) or combined.lines(relative_filename(name)) or ())


def pid_of(path: Path) -> int:
    """The pid in a data file's name; 0 where somebody gave it another name."""
    match = _PID.search(path.name)
    return int(match[1]) if match else 0


def _damaged(path: Path, why: str) -> MeasurementFault:
    return MeasurementFault(
        f"The data file {path} is damaged: {why.rstrip('.')}.",
        hint="What it held is lost: run again, with room on the disk and without killing the server.",
    )
