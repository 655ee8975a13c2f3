"""The witness's files of the explored server, followed while they are written. Page process.

They are only read: a server that hangs, is killed or is restarted changes nothing for whoever looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from afterawait import protocol
from afterawait.agent.witness import format
from afterawait.agent.witness.format import RowKind
from afterawait.evidence import recordings
from afterawait.evidence.recordings import Block, Request, Row, WitnessFile
from afterawait.explore.sources import Source
from afterawait.faults import MeasurementFault

Lines = dict[int, set[int]]
"""By the number of a file."""


@dataclass
class Seen:
    """A request that the page has seen: `lines` by file, how many ran and how many for the first time."""

    key: str
    request: Request
    lines: Lines = field(default_factory=dict)
    count: int = 0
    new: int = 0


@dataclass
class Change:
    """What one look found: lines that ran since the last one (again or for the first time), requests that changed."""

    ran: dict[Row, Lines] = field(default_factory=dict)
    requests: list[Seen] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.ran or self.requests)


class Follower:
    """Looks again and again at all witness files of a run's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.requests: dict[str, Seen] = {}
        self._files: dict[Path, _Followed] = {}
        self._known: Lines = {}

    def look(self, sources: Mapping[str, Source]) -> Change:
        """What has run since the last look. `sources` are the measured files by absolute name."""
        change = Change()
        for path in sorted(self.folder.glob(protocol.WITNESS_FILES)):
            followed = self._files.get(path)
            try:
                if followed is None:
                    followed = self._files[path] = _Followed(path)
                if followed.ended:
                    continue
                alive = followed.alive()  # asked before the look that may be the last
                witness = followed.refresh()
            except (MeasurementFault, OSError, ValueError):
                continue  # it is just being made
            self._look_at(followed, witness, sources, change)
            if not alive:
                followed.close()
        return change

    def forget(self, changed: Mapping[int, str]) -> None:
        """Files that have changed, by number and name: what ran of them is no longer there; what runs is seen anew."""
        for lines in (self._known, *(seen.lines for seen in self.requests.values())):
            for number in changed:
                lines.pop(number, None)
        for followed in self._files.values():
            followed.forget(set(changed.values()))

    def _look_at(
        self, followed: _Followed, witness: WitnessFile, sources: Mapping[str, Source], change: Change
    ) -> None:
        alone: dict[int, Lines] = {}
        for block, ran in followed.changed(witness):
            row = witness.rows[block.row]
            file = witness.files[block.file]
            source = sources.get(file.name)
            if source is None or source.sha256 != file.sha256 or not ran & source.code:
                continue  # a line number means nothing once the file has changed
            lines = ran & source.code
            if row.kind is RowKind.REQUEST:
                alone.setdefault(block.row, {}).setdefault(source.number, set()).update(lines)
            else:
                change.ran.setdefault(row, {}).setdefault(source.number, set()).update(lines)
        # What start-up and tests ran is not new to a request; its session has its lines from itself.
        for row, lines_of in change.ran.items():
            if row.kind is not RowKind.SESSION:
                _add(self._known, lines_of)
        for request, row_id, known in followed.requests(witness):
            self._seen(f"{followed.path.stem}-{request.number}", request, known, alone.get(row_id, {}), change)
        for lines_of in change.ran.values():
            _add(self._known, lines_of)

    def _seen(self, key: str, request: Request, known: bool, lines: Lines, change: Change) -> None:
        seen = self.requests.get(key)
        if seen is None and known:
            return  # it has made room for later ones
        if seen is not None and seen.request == request and not lines:
            return
        if seen is None:
            seen = self.requests[key] = Seen(key, request)
        seen.request = request
        for number, ran in lines.items():
            seen.new += len(ran - self._known.get(number, set()))
            seen.lines.setdefault(number, set()).update(ran)
        seen.count = sum(map(len, seen.lines.values()))
        _add(self._known, lines)
        change.requests.append(seen)
        while len(self.requests) > format.RING_SLOTS:
            del self.requests[next(iter(self.requests))]


def _add(to: Lines, lines: Mapping[int, set[int]]) -> None:
    for number, ran in lines.items():
        to.setdefault(number, set()).update(ran)


class _Followed:
    """One file, with what its blocks held at the last look."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.witness: WitnessFile | None = None
        self.ended = False
        """Whether its process is gone, and all that it left was seen."""
        self._size = 0
        self._cells: list[bytes] = []
        self._requests: dict[int, Request] = {}

    def refresh(self) -> WitnessFile:
        """Take in what was appended. Raises MeasurementFault, OSError or ValueError where it cannot be read."""
        size = self.path.stat().st_size
        if self.witness is None or size != self._size:
            self.witness = recordings.read(self.path, live=True)
            self._size = size
        else:
            recordings.read_on(self.witness)
        return self.witness

    def alive(self) -> bool:
        """Whether the process that writes it may still run."""
        return self.witness is None or psutil.pid_exists(self.witness.pid)

    def close(self) -> None:
        """Nothing more will come."""
        self.ended = True
        self.witness = None
        self._cells.clear()
        self._requests.clear()

    def forget(self, names: Set[str]) -> None:
        """Take the lines of these files for unseen."""
        if self.witness is not None:
            for number, block in enumerate(self.witness.blocks[: len(self._cells)]):
                if self.witness.files[block.file].name in names:
                    self._cells[number] = bytes(block.length)

    def changed(self, witness: WitnessFile) -> Iterator[tuple[Block, set[int]]]:
        """The blocks whose cells are not what they were, with the lines that ran since."""
        for number, block in enumerate(witness.blocks):
            cells = bytes(witness.data[block.start : block.start + block.length])
            if number == len(self._cells):
                self._cells.append(bytes(block.length))
            old = self._cells[number]
            if cells != old:
                self._cells[number] = cells
                yield block, {line for line, cell in enumerate(cells) if cell and cell != old[line]}

    def requests(self, witness: WitnessFile) -> Iterator[tuple[Request, int, bool]]:
        """The requests that began or ended since the last look, and those that have a row of their own: each with its
        row's id, and whether the last look saw it. A look may see a later one first: the ring is written meanwhile."""
        before = self._requests
        found = recordings.requests_with_rows(witness)
        self._requests = {request.number: request for request, _ in found}
        for request, row in found:
            if request.row.kind is RowKind.REQUEST or before.get(request.number) != request:
                yield request, row, request.number in before
