"""What the page shows, kept up to date: lines by state, requests, sessions. Page process.

A line never ran, or ran at start-up, beside requests, by a test of the last end-to-end run, by this session; a line of
this session that no test reached is one that nobody has written a test for yet.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from afterawait.agent.witness import session_name
from afterawait.agent.witness.format import RowKind
from afterawait.evidence.recordings import Row
from afterawait.explore import last_run, states
from afterawait.explore.live import Change, Follower, Lines, Seen
from afterawait.explore.sessions import Sessions, tidy
from afterawait.explore.sources import Source, Sources
from afterawait.explore.states import BESIDE, SESSION, START, TEST, Ran

SAVE_EVERY = 2.0  # seconds
MARK = "#"  # a session's row is called "3#name": the third that was begun, by whatever name


@dataclass
class Epoch:
    """A session from one beginning to the next: requests that began in it stay in it, however long they take."""

    name: str
    began: float
    lines: Lines
    dirty: bool = False


@dataclass
class Board:
    """All of it. `folder` is the explored run's, `root` the project."""

    root: Path
    folder: Path
    sources: Sources
    sessions: Sessions
    session: str = "session"
    error: str = ""
    startup: Lines = field(default_factory=dict)
    beside: Lines = field(default_factory=dict)
    """What ran after start-up in no request: background work, and what is credited to nobody who has a name."""
    tests: Lines = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._follower = Follower(self.folder)
        self._epochs: list[Epoch] = []
        self._saved = 0.0
        self._read_last_run()
        self.begin(self.session)

    @property
    def ours(self) -> Lines:
        """The lines of this session."""
        return self._epochs[-1].lines

    # -- sessions

    def begin(self, name: str, *, fresh: bool = False) -> None:
        """Credit later requests to the session `name`, which goes on where it was left, or from zero."""
        if self._epochs:
            self.look()
            self.save()
        self.session = tidy(name)
        if fresh:
            self._keep(partial(self.sessions.forget, self.session))
        began = time.time()  # before a server can hear of it, and begin a request in it
        session_name.write(self.folder, f"{len(self._epochs) + 1}{MARK}{self.session}")
        lines = {} if fresh else self.sessions.load(self.session, self.sources.by_name())
        self._epochs.append(Epoch(self.session, began, lines))

    def save(self) -> None:
        """Keep what sessions have reached; a full disk is said on the page until there is room again."""
        latest = {epoch.name: epoch for epoch in self._epochs}  # begun anew, it is the new one that is kept
        for epoch in latest.values():
            if epoch.dirty and any(epoch.lines.values()):
                self._keep(partial(self.sessions.save, epoch.name, epoch.lines, self.sources.known))
                epoch.dirty = bool(self.error)
        self._saved = time.monotonic()

    def _keep(self, keep: Callable[[], None]) -> None:
        try:
            keep()
            self.error = ""
        except OSError as error:
            self.error = f"the session cannot be kept: {error}"

    def compare(self, name: str) -> dict[int, dict[str, list[int]]]:
        """By file: lines of this session alone, of the other one alone, of both. "" is the last end-to-end run."""
        ours, other = self.ours, self._lines_of(name)
        found = {}
        for number in sorted(ours.keys() | other.keys()):
            one, two = ours.get(number, set()), other.get(number, set())
            found[number] = {"ours": sorted(one - two), "theirs": sorted(two - one), "both": sorted(one & two)}
        return found

    def _lines_of(self, name: str) -> Lines:
        if not name:
            return self.tests
        if name == self.session:
            return self.ours
        return self.sessions.load(name, self.sources.by_name())

    # -- looking

    def look(self) -> dict[str, Any]:
        """What has changed since the last look, for the page; empty where nothing has."""
        change = self._follower.look(self.sources.by_path())
        ran: dict[int, Lines] = {START: {}, TEST: {}, SESSION: {}, BESIDE: {}}
        for row, lines in change.ran.items():
            _add(ran.get(self._take(row, lines), {}), lines)
        for seen in change.requests:
            if seen.request.row.kind is RowKind.REQUEST and seen.lines and self._epochs:
                epoch = self._epoch_at(seen.request.began)
                _add(epoch.lines, seen.lines)
                epoch.dirty = True
                if epoch is self._epochs[-1]:
                    _add(ran[SESSION], seen.lines)
        if time.monotonic() - self._saved > SAVE_EVERY:
            self.save()
        return self._payload(change, ran)

    def refresh(self) -> bool:
        """Read sources that have changed; what ran of them is forgotten. Whether the page must be shown anew."""
        touched, changed = self.sources.refresh()
        self._follower.forget(changed)
        for lines in (self.startup, self.beside, self.tests, *(epoch.lines for epoch in self._epochs)):
            for number in changed:
                lines.pop(number, None)
        if changed:
            self._read_last_run()  # it may be what it was then
        return touched

    def reached(self) -> dict[str, Any]:
        """What this session reached, for the driver's last words."""
        ran = self._ran()
        only = {source.name: sorted(states.alone(source, ran)) for source in self.sources.files.values()}
        return {
            "session": self.session,
            "lines": sum(map(len, self.ours.values())),
            "only": {name: lines for name, lines in only.items() if lines},
        }

    def _epoch_at(self, moment: float) -> Epoch:
        """The one that a request belongs to which began then."""
        return next((epoch for epoch in reversed(self._epochs) if epoch.began <= moment), self._epochs[0])

    def _take(self, row: Row, lines: Lines) -> int:
        """Add lines to whom they belong to; returns the state that they have by it on the page, 0 for none."""
        number = row.name.partition(MARK)[0]
        if row.kind is not RowKind.SESSION or not number.isdigit() or not 0 < int(number) <= len(self._epochs):
            return self._take_others(row.kind, lines)
        epoch = self._epochs[int(number) - 1]
        _add(epoch.lines, lines)
        epoch.dirty = True
        return SESSION if epoch is self._epochs[-1] else 0

    def _take_others(self, kind: RowKind, lines: Lines) -> int:
        """The same for what is no session's of this page."""
        state = {RowKind.STARTUP: START, RowKind.TEST: TEST}.get(kind, BESIDE)
        _add({START: self.startup, TEST: self.tests, BESIDE: self.beside}[state], lines)
        return state

    def _payload(self, change: Change, ran: dict[int, Lines]) -> dict[str, Any]:
        if not change:
            return {}
        touched = {number for lines in (*change.ran.values(), *ran.values()) for number in lines}
        return {
            "ran": [[number, state, sorted(lines)] for state, by in ran.items() for number, lines in by.items()],
            "files": [
                states.summary(self.sources.files[number], self._ran())
                for number in sorted(touched)
                if number in self.sources.files
            ],
            "requests": [request(seen) for seen in change.requests],
        }

    # -- showing

    def whole(self) -> dict[str, Any]:
        """Everything but the sources, for a page that has just been opened."""
        return {
            "session": self.session,
            "sessions": sorted({*self.sessions.names(), self.session}),
            "files": [states.summary(source, self._ran()) for source in self.sources.files.values()],
            "requests": [
                request(seen) for seen in sorted(self._follower.requests.values(), key=lambda each: each.request.began)
            ],
        }

    def states(self, source: Source) -> dict[int, int]:
        """The state of each line that holds code."""
        return states.of(source, self._ran())

    def _ran(self) -> Ran:
        return {START: self.startup, TEST: self.tests, SESSION: self.ours, BESIDE: self.beside}

    def request_lines(self, key: str) -> dict[int, list[int]]:
        """The lines of one of the latest requests, by file."""
        seen = self._follower.requests.get(key)
        return {number: sorted(lines) for number, lines in seen.lines.items()} if seen else {}

    def _read_last_run(self) -> None:
        for kind, lines in last_run.lines(self.root, self.sources.by_path()):
            self._take_others(kind, lines)


def request(seen: Seen) -> dict[str, Any]:
    """A request, for the page's log."""
    its = seen.request
    return {
        "key": seen.key,
        "began": its.began,
        "method": its.method,
        "path": its.path,
        "status": its.status,
        "ms": round(its.seconds * 1000, 1),
        "test": its.row.name if its.row.kind is RowKind.TEST else "",
        "lines": seen.count,
        "new": seen.new,
    }


def _add(to: Lines, lines: Lines) -> None:
    for number, ran in lines.items():
        to.setdefault(number, set()).update(ran)
