"""A process in another working folder, where a relative `source` means nothing. Driver process."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path

from afterawait.evidence.line_sets import inside
from afterawait.faults import MeasurementFault
from afterawait.judge.belongings import Belongings


def fault(process: Belongings, places: list[Path], ran: Container[str] | None, root: str) -> MeasurementFault | None:
    """The fault of a process that ran lines by its witness, and whose coverage.py knew no folder to measure.

    `root` is that of the measured checkout: where `source` has names relative to it, they are looked up in the working
    folder of each process, and taken for a package's where there is no such folder.
    """
    record, data = process.record, process.data
    relative = [each for each in record.source if not Path(each).is_absolute()]
    measured = data is not None and any(lines and inside(name, places) for name, lines in data.lines.items())
    if not ran or measured or not relative or record.folder in {"", root}:
        return None
    packages = ", ".join(dict.fromkeys(Path(each).name for each in relative if Path(each).name)) or "(your package)"
    return MeasurementFault(
        f"{process.who[0].upper()}{process.who[1:]} ran in another working folder, {record.folder}, where the relative "
        f"`source = {', '.join(relative)}` of {Path(record.rcfile).name} is none of its folders: coverage.py measured "
        "nothing in it.",
        hint=f"Write `source_pkgs = {packages}` there in its place: a package is found from every folder. Or leave "
        "coverage_config out: a run's own configuration has absolute names.",
    )
