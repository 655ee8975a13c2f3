"""The witness's files of the explored server, followed while they are written. Page process.

They are only read: a server that hangs, is killed or is restarted changes nothing for whoever looks.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from e2e.agent.witness import layout
from e2e.agent.witness.layout import RowKind
from e2e.explore.sources import Source
from e2e.harness.errors import MeasurementFault
from e2e.harness.witness import reader
from e2e.harness.witness.reader import Block, Request, Row, WitnessFile

Lines = dict[int, set[int]]
"""By the number of a file."""


@dataclass
class Seen:
    """A request that the page has seen: `lines` by file, how many ran and how many for the first time.

    It stays with the session that was the `epoch`th to begin, during which it was first seen.
    """

    key: str
    request: Request
    epoch: int
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
        self.rows: dict[Row, Lines] = {}
        self.requests: dict[str, Seen] = {}
        self.epoch = 0
        self._files: dict[Path, _Followed] = {}
        self._known: Lines = {}

    def look(self, sources: Mapping[str, Source]) -> Change:
        """What has run since the last look. `sources` are the measured files by absolute name."""
        change = Change()
        for path in sorted(self.folder.glob(layout.PATTERN)):
            followed = self._files.get(path)
            try:
                if followed is None:
                    followed = self._files[path] = _Followed(path)
                followed.refresh()
            except (MeasurementFault, OSError, ValueError):
                continue  # it is just being made
            self._look_at(followed, sources, change)
        return change

    def forget(self, numbers: set[int]) -> None:
        """Files that have changed: what ran of them is no longer there."""
        held = [self._known, *self.rows.values(), *(seen.lines for seen in self.requests.values())]
        for lines in held:
            for number in numbers:
                lines.pop(number, None)

    def _look_at(self, followed: _Followed, sources: Mapping[str, Source], change: Change) -> None:
        alone: dict[int, Lines] = {}
        for block, ran in followed.changed():
            row = followed.witness.rows[block.row]
            file = followed.witness.files[block.file]
            source = sources.get(file.name)
            if source is None or source.sha256 != file.sha256 or not ran & source.code:
                continue  # a line number means nothing once the file has changed
            lines = ran & source.code
            if row.kind is RowKind.REQUEST:
                alone.setdefault(block.row, {}).setdefault(source.number, set()).update(lines)
            else:
                change.ran.setdefault(row, {}).setdefault(source.number, set()).update(lines)
                self.rows.setdefault(row, {}).setdefault(source.number, set()).update(lines)
        # What start-up and tests ran is not new to a request; its session has its lines from itself.
        for row, lines_of in change.ran.items():
            if row.kind is not RowKind.SESSION:
                _add(self._known, lines_of)
        for request, row_id in followed.requests():
            self._seen(followed, request, alone.get(row_id, {}), change)
        for lines_of in change.ran.values():
            _add(self._known, lines_of)

    def _seen(self, followed: _Followed, request: Request, lines: Lines, change: Change) -> None:
        key = f"{followed.path.stem}-{request.number}"
        seen = self.requests.get(key)
        if seen is not None and seen.request == request and not lines:
            return
        if seen is None:
            seen = self.requests[key] = Seen(key, request, self.epoch)
        seen.request = request
        for number, ran in lines.items():
            seen.new += len(ran - self._known.get(number, set()))
            seen.lines.setdefault(number, set()).update(ran)
        seen.count = sum(map(len, seen.lines.values()))
        _add(self._known, lines)
        change.requests.append(seen)
        while len(self.requests) > layout.RING_SLOTS:
            del self.requests[next(iter(self.requests))]


def _add(to: Lines, lines: Mapping[int, set[int]]) -> None:
    for number, ran in lines.items():
        to.setdefault(number, set()).update(ran)


class _Followed:
    """One file, with what its blocks held at the last look."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._size = 0
        self._blocks = 0
        self._cells: list[bytes] = []
        self.witness: WitnessFile
        self._requests: dict[int, Request] = {}

    def refresh(self) -> None:
        """Take in what was appended. Raises MeasurementFault, OSError or ValueError where it cannot be read."""
        size = self.path.stat().st_size
        if size != self._size:
            self.witness = reader.read(self.path, live=True)
            self._size = size
        else:
            reader.read_on(self.witness)

    def changed(self) -> Iterator[tuple[Block, set[int]]]:
        """The blocks whose cells are not what they were, with the lines that ran since."""
        data = self.witness.data
        if isinstance(data, mmap.mmap):
            for number, block in enumerate(self.witness.blocks):
                cells = data[block.start : block.start + block.length]
                if number == len(self._cells):
                    self._cells.append(bytes(block.length))
                old = self._cells[number]
                if cells != old:
                    self._cells[number] = cells
                    yield block, {line for line, cell in enumerate(cells) if cell and cell != old[line]}

    def requests(self) -> Iterator[tuple[Request, int]]:
        """The requests that began or ended since the last look, and those that run, with the id of their row."""
        for request, row in reader.requests_with_rows(self.witness):
            if request.number not in self._requests or self._requests[request.number] != request or not request.status:
                self._requests[request.number] = request
                yield request, row
            elif request.row.kind is RowKind.REQUEST:
                yield request, row
