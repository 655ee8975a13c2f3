"""A process that was started, and all that descends from it: who lives, who listens, and how they end. Driver's side.

A descendant whose parent has ended belongs to nobody: it is known from the looks before, or from its record.
"""

from __future__ import annotations

import contextlib
from collections.abc import Container, Iterable
from pathlib import Path

import psutil

GONE = (psutil.NoSuchProcess, psutil.AccessDenied, OSError)
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "127.0.0.1"}  # noqa: S104  # nothing is bound here


class Tree:
    """Of the process `pid`. `look` from time to time: it is what makes orphans known."""

    def __init__(self, pid: int) -> None:
        self._known: dict[psutil.Process, None] = {}
        self.adopt([pid])

    def adopt(self, pids: Iterable[int]) -> None:
        """Let processes belong to it that are known to from elsewhere."""
        for pid in pids:
            with contextlib.suppress(*GONE):
                self._known.setdefault(psutil.Process(pid))

    def look(self) -> list[psutil.Process]:
        """Those that live now, in the order in which they were found."""
        below: set[psutil.Process] = set()
        for each in list(self._known):
            with contextlib.suppress(*GONE):
                if each not in below and each.is_running():
                    below |= (found := dict.fromkeys(each.children(recursive=True))).keys()
                    self._known |= found
        return [each for each in self._known if _lives(each)]

    def pids(self) -> set[int]:
        """Of all that were ever seen."""
        return {each.pid for each in self._known}

    def topmost(self, pids: Iterable[int]) -> list[psutil.Process]:
        """Those among `pids` that live and descend from no other of them."""
        chosen = set(pids)
        found = []
        for each in self.look():
            if each.pid in chosen:
                with contextlib.suppress(*GONE):
                    if not chosen.intersection(above.pid for above in each.parents()):
                        found.append(each)
        return found

    def listening(self, first: Container[int] = ()) -> list[tuple[str, int]]:
        """The TCP addresses that its processes listen on, as they can be connected to; those of `first` come first."""
        found: dict[tuple[str, int], None] = {}
        for each in sorted(self.look(), key=lambda each: each.pid not in first):
            with contextlib.suppress(*GONE):
                connections = getattr(each, "net_connections", None) or each.connections  # before psutil 6
                for connection in connections("tcp"):
                    if connection.status == psutil.CONN_LISTEN and connection.laddr:
                        ip, port = connection.laddr[:2]
                        found.setdefault((EVERYWHERE.get(ip, ip), port))
        return list(found)

    def sockets(self) -> list[str]:
        """The Unix sockets of its processes that have a name in a folder: what a server listens on is one."""
        found: dict[str, None] = {}
        for each in self.look():
            with contextlib.suppress(*GONE):
                connections = getattr(each, "net_connections", None) or each.connections
                found |= dict.fromkeys(str(one.laddr) for one in connections("unix") if one.laddr)
        return [each for each in found if Path(each).is_socket()]


def terminate(processes: Iterable[psutil.Process]) -> None:
    """Ask them to end."""
    for each in processes:
        with contextlib.suppress(*GONE):
            each.terminate()


def kill(processes: Iterable[psutil.Process]) -> None:
    """End them by force."""
    for each in processes:
        with contextlib.suppress(*GONE):
            each.kill()


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except GONE:
        return False
