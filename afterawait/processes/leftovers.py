"""Processes of a run that outlive it: found by what they carry, and ended. Driver process, or one of its own.

A detached process has no parent to ask and no end of its own. Its environment names the run; one that was forked off a
measured process holds the file open that shows that it may still write there.

`python -I -S leftovers.py SEARCH`, standard library only, is started by a run's driver in a session of its own, and
does nothing for as long as the driver lives: a byte on stdin is its leave, the end of stdin without one means that the
driver is gone, kill -9 included.
"""
# ruff: noqa: PTH112, PTH115, PTH118, PTH120, PTH123, PTH207, PTH208 - all of /proc is read several times a second

from __future__ import annotations

import contextlib
import glob
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field

PAUSE = 0.05
PROC = "/proc"


@dataclass(frozen=True)
class Left:
    """A process that carries the run's mark."""

    pid: int
    command: str
    of_command: bool = False
    """Whether a command of the project's own, or a service, has started it."""


@dataclass(frozen=True)
class Search:
    """What to look for, and how long each kind of process may take. JSON-able.

    One of the `variables` of the environment, the last of which is that of commands, names the run's `folder`;
    `below`: or any folder in it. `held` is the file in `folder` that measured processes keep open. Those whose record
    (of the pattern `records`) says one of `roles`, and no command of the project's own, end by themselves within
    `patience` seconds, all others within `settling`; then they are asked to end, and have `saving`.
    """

    variables: list[str]
    folder: str
    held: str
    records: str
    roles: list[str] = field(default_factory=list)
    below: bool = False
    patience: float = 0.0
    settling: float = 0.0
    saving: float = 0.0

    def found(self) -> list[Left]:
        """Those that run now, this process and what it descends from left out."""
        mine = _ancestors()
        everybody = _of_proc(self) if os.path.isdir(PROC) else _of_ps(self)
        return sorted((each for each in everybody if each.pid not in mine), key=lambda each: each.pid)

    def names(self, value: str) -> bool:
        """Whether a value of the variable is this run's, or that of one of these runs."""
        return value == self.folder or (self.below and value.startswith(self.folder + os.sep))

    def holds(self, path: str) -> bool:
        """Whether an open file is the one that measured processes hold."""
        folder, name = os.path.split(path)
        if name != self.held:
            return False
        top = os.path.dirname(folder) if self.below else folder
        return top == os.path.realpath(self.folder)  # what the kernel knows it by has no links in it

    def ending(self) -> set[int]:
        """The pids of those that end by themselves."""
        pattern = os.path.join(glob.escape(self.folder), *["*"] * self.below, self.records)
        pids = set()
        for path in glob.iglob(pattern):
            with contextlib.suppress(OSError, ValueError, TypeError, KeyError), open(path, encoding="utf-8") as file:
                record = json.load(file)
                if record["role"] in self.roles and not record.get("command"):
                    pids.add(int(record["pid"]))
        return pids


def end(search: Search, told: Callable[[list[Left]], None] = lambda _: None) -> list[Left]:
    """Wait for what ends by itself, then end what is left; returns the latter. `told` hears of them before."""
    _wait(lambda: not search.ending().intersection(each.pid for each in search.found()), search.patience)
    _wait(lambda: not search.found(), search.settling)
    left = {each.pid: each for each in search.found()}
    if left:
        told(list(left.values()))
    for number in (signal.SIGTERM, signal.SIGKILL):
        asked: set[int] = set()
        deadline = time.monotonic() + search.saving
        while (found := search.found()) and time.monotonic() < deadline:
            for each in found:
                left.setdefault(each.pid, each)  # what it started in the meantime
                if each.pid not in asked:
                    asked.add(each.pid)
                    _send(each.pid, number)
            time.sleep(PAUSE)
    return list(left.values())


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
        os.kill(pid, signal.SIGCONT)  # one that is stopped hears nothing


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(PAUSE)


def _ancestors() -> set[int]:
    """This process, and those that it descends from."""
    found = {os.getpid()}
    pid = os.getppid()
    while pid > 1 and pid not in found:
        found.add(pid)
        try:
            with open(f"{PROC}/{pid}/stat", "rb") as stat:
                pid = int(stat.read().rpartition(b")")[2].split()[1])
        except (OSError, ValueError, IndexError):
            break
    return found


def _of_proc(search: Search) -> Iterator[Left]:
    for name in os.listdir(PROC):
        if name.isdigit():
            with contextlib.suppress(OSError):  # it is another user's, or has ended meanwhile
                named = [search.names(each) for each in _values(name, search.variables)]
                if any(named) or any(map(search.holds, _written(name))):
                    yield Left(int(name), _command(name), of_command=named[-1])


def _values(pid: str, names: list[str]) -> list[str]:
    with open(f"{PROC}/{pid}/environ", "rb") as file:
        found = dict(each.partition(b"=")[::2] for each in file.read().split(b"\0"))
    return [os.fsdecode(found.get(each.encode(), b"")) for each in names]


def _written(pid: str) -> Iterator[str]:
    """The files that a process holds open to write to: who only reads one, to see whether it is held, is no owner."""
    for number in os.listdir(f"{PROC}/{pid}/fd"):
        with contextlib.suppress(OSError):
            path = os.readlink(f"{PROC}/{pid}/fd/{number}")
            if path.startswith(os.sep) and _writes(pid, number):
                yield path


def _writes(pid: str, number: str) -> bool:
    with open(f"{PROC}/{pid}/fdinfo/{number}", encoding="ascii") as file:
        flags = next((line for line in file if line.startswith("flags:")), "flags: 0")
    return bool(int(flags.split()[1], 8) & os.O_ACCMODE)


def _command(pid: str) -> str:
    with open(f"{PROC}/{pid}/cmdline", "rb") as file:
        return os.fsdecode(file.read().rstrip(b"\0").replace(b"\0", b" "))


def _of_ps(search: Search) -> Iterator[Left]:
    """Where there is no /proc, macOS say: `ps` shows the environment behind the command."""
    ps = ["ps", "-A", "-E", "-ww", "-o", "pid=,command="]
    lines = subprocess.run(ps, capture_output=True, text=True, errors="replace", check=False).stdout.splitlines()
    for line in lines:
        pid, _, words = line.strip().partition(" ")
        named = [_stands_in(words, each, search) for each in search.variables]
        if any(named) and pid.isdigit():
            command = words.partition(f" {search.variables[named.index(True)]}=")[0]
            yield Left(int(pid), command, of_command=named[-1])


def _stands_in(words: str, variable: str, search: Search) -> bool:
    _, found, value = words.partition(f" {variable}={search.folder}")
    return bool(found) and (value[:1] in {"", " "} or (search.below and value[:1] == os.sep))


class Sweeper:
    """A process that ends what a driver leaves behind if it dies; `dismiss` it when there is nothing left.

    `sweep` lets it do so now.
    """

    def __init__(self, search: Search) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, json.dumps(asdict(search))],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": os.defpath},
            start_new_session=True,
        )

    def dismiss(self) -> None:
        """All has ended."""
        if self._process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):  # somebody has killed it
                self._process.stdin.write(b".")
                self._process.stdin.close()
        self._process.wait()

    def sweep(self) -> None:
        """End what is left."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()


def main() -> None:
    """Wait for the driver's leave, or its end."""
    if not os.read(0, 1):
        end(Search(**json.loads(sys.argv[1])))


if __name__ == "__main__":
    main()
