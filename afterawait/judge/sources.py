"""Whether a run's data speak of the sources that are here, and of lines that hold code. Driver process."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from afterawait.evidence.code_lines import recordable
from afterawait.evidence.data_files import DataFile
from afterawait.evidence.line_sets import inside, ranges
from afterawait.faults import MeasurementFault
from afterawait.judge.causes import BOTH
from afterawait.runs.manifest import Manifest, fingerprints


def changed(manifest: Manifest, source: Iterable[str], root: Path) -> list[MeasurementFault]:
    """Data of other sources say nothing about these."""
    here = fingerprints(root, source)
    names = sorted(
        name for name in here.keys() | manifest.sources.keys() if here.get(name) != manifest.sources.get(name)
    )
    if not names:
        return []
    message = f"The sources are not those that were measured: {', '.join(names)}."
    return [MeasurementFault(message, hint="Combine beside the very sources that were measured, or run again.")]


def lines_without_code(
    files: list[DataFile], folders: list[Path], measured: Path, root: Path
) -> tuple[dict[str, set[int]], list[MeasurementFault]]:
    """By file, the recorded lines at which no code begins: there the tracer took one frame for another."""
    recorded: dict[str, set[int]] = {}
    for data in files:
        for name, lines in data.lines.items():
            if lines and inside(name, folders):
                recorded.setdefault(name, set()).update(lines)
    strange: dict[str, set[int]] = {}
    faults = []
    for name, all_lines in sorted(recorded.items()):
        path = root / Path(name).relative_to(measured)
        try:
            code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
        except (OSError, SyntaxError, ValueError) as error:
            message = f"{path} was measured and cannot be read back: {error}."
            faults.append(MeasurementFault(message, hint="Combine beside the very sources that were measured."))
            continue
        if without := all_lines - recordable(code) - {0}:  # 0: an empty module has run
            strange[name] = without
            message = f"{path}: lines {ranges(without)} were recorded, and hold no code: the tracer lost its place."
            faults.append(MeasurementFault(message, hint=BOTH))
    return strange, faults
