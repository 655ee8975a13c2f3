"""What ran in the last end-to-end run, for the page to compare with. Page process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from afterawait import protocol
from afterawait.agent.witness.format import RowKind
from afterawait.evidence import recordings
from afterawait.explore.live import Lines
from afterawait.explore.sources import Source
from afterawait.faults import Fault
from afterawait.runs import folder


def lines(root: Path, by_path: Mapping[str, Source]) -> Iterator[tuple[RowKind, Lines]]:
    """Lines by who ran them, in files that are still what they were; nothing where no run is left."""
    try:
        runs = folder.latest(root)
    except Fault:
        return
    for path in (path for run in runs for path in sorted(run.path.glob(protocol.WITNESS_FILES))):
        try:
            witness = recordings.read(path)
        except Fault:
            continue
        current = {number for number, file in witness.files.items() if _unchanged(file, by_path)}
        for block in witness.blocks:
            if block.file in current:
                number = by_path[witness.files[block.file].name].number
                yield witness.rows[block.row].kind, {number: witness.lines_of(block)}


def _unchanged(file: recordings.SourceFile, by_path: Mapping[str, Source]) -> bool:
    source = by_path.get(file.name)
    return source is not None and source.sha256 == file.sha256
