"""Whether a database is the run's own, or allowed. In measured processes; the test process writes the rules down.

servers    hosts and ports on which every database is the run's own
prefixes   names that only the run's own databases begin with, on whatever server
folders    folders in which every SQLite file is the run's own
allowed    databases that `databases_allowed` names; no name: all of that server
began      when the run began; an SQLite file that came into being later is the run's
folder     the run's, for notes
root       the project's
role       this process's
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from afterawait import protocol
from afterawait.agent.record import complain
from afterawait.agent.strangers import birth
from afterawait.agent.strangers.target import Target, is_same_server

CLOCK = 0.05  # seconds that a file system's clock may be behind


@dataclass
class Rules:
    """What a process may connect to."""

    folder: str
    root: str
    role: str
    began: float
    servers: Sequence[tuple[str, int]] = ()
    prefixes: Sequence[str] = ()
    folders: Sequence[str] = ()
    allowed: Sequence[Target] = ()
    _known: set[Target] = field(default_factory=set)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Those in AFTERAWAIT_DATABASES. Raises ValueError or TypeError."""
        raw = json.loads(text)
        raw["allowed"] = [Target(**each) for each in raw["allowed"]]
        raw["servers"] = [(host, port) for host, port in raw["servers"]]
        return cls(**raw)

    def allow(self, target: Target) -> bool:
        """Whether it may be connected to. An SQLite file that is not there yet is the run's from now on."""
        if target in self._known:
            return True
        allowed = self._allow_file(target.database) if target.kind == "sqlite" else self._allow_server(target)
        if allowed:
            self._known.add(target)
        return allowed

    def _allow_server(self, target: Target) -> bool:
        if any(target.database.startswith(each) for each in self.prefixes):
            return True
        if target.kind == "postgresql" and any(_is_at(target, host, port) for host, port in self.servers):
            return True
        return any(
            target.kind == each.kind and each.database in {"", target.database} and _is_at(target, each.host, each.port)
            for each in self.allowed
        )

    def _allow_file(self, path: str) -> bool:
        if not path:
            return True  # in memory, or a temporary file of SQLite's own
        real = os.path.realpath(path)
        if any(real.startswith(os.path.realpath(each) + os.sep) for each in self.folders):
            return True
        if any(each.kind == "sqlite" and os.path.realpath(each.database) == real for each in self.allowed):
            return True
        if not Path(real).exists():
            self._note_created(real)
            return True
        born = birth.of(real)
        return real in self._created() or (born is not None and born > self.began - CLOCK)

    def _note_created(self, path: str) -> None:
        """Let the run's other processes know; where a file system keeps no birth of a file, only this does."""
        try:
            with (Path(self.folder) / protocol.CREATED).open("a", encoding="utf-8") as file:
                file.write(json.dumps(path) + "\n")
        except OSError as error:
            complain(f"the run cannot note that it makes {path}", error)

    def _created(self) -> set[str]:
        try:
            lines = (Path(self.folder) / protocol.CREATED).read_text(encoding="utf-8").splitlines()
            return {json.loads(each) for each in lines}
        except (OSError, ValueError):
            return set()


def _is_at(target: Target, host: str, port: int) -> bool:
    return target.port == port and is_same_server(target.host, host)
