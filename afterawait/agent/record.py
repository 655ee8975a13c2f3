"""The record that every measured process leaves in the run's folder: who it was and how it was measured.

Written inside the measured process, read by the verdict in the test process; this module is the format's one home.
A `.coverage` file does not say which tracer made it, and a process that wrote none leaves no trace at all:
the record is what the verdict holds the files against.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from _thread import get_ident
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from afterawait import protocol
from afterawait.agent import access

ON = "on"
FORKED = "forked"
VERSION = 2
"""Of the format: 1 was that of 0.1, which did not say it."""


@dataclass
class ProcessRecord:
    """One measured process.

    `role` is one of protocol.py's. `canary` says what it crossed, "" where it did not run or cannot be judged;
    `canary_error` says why it does not prove all that it could, "" where it does;
    `witness` is ON, "" where no run asked for one, FORKED in a forked child that has run no measured line, else why
    it could not start. `parent` is the pid of the process that a forked child was copied from, else 0, and
    `parent_start` its `start`. `data_file` and `witness_file` are names in the run's folder, "" where not known.
    """

    pid: int
    start: str = field(default_factory=lambda: os.urandom(4).hex())
    """Tells this process from others that had its pid."""
    began: float = field(default_factory=time.time)
    version: int = VERSION
    role: str = protocol.CHILD
    argv: list[str] = field(default_factory=list)
    folder: str = ""
    """The working folder at the start: what coverage.py's relative names, and a relative `source`, are relative to."""
    python: str = ""
    rcfile: str = ""
    coverage: str = ""
    source: list[str] = field(default_factory=list)
    """What coverage.py was told to measure, as it is written down."""
    tracer: str = ""
    concurrency: list[str] = field(default_factory=list)
    branch: bool = False
    error: str = ""
    another: str = ""
    """Who has started another coverage.py in this process; while it measures, the run's own does not."""
    canary: str = ""
    canary_error: str = ""
    witness: str = ""
    started_by: int = field(default_factory=os.getppid)
    """Its parent's pid."""
    started: list[tuple[int, str]] = field(default_factory=list)
    """Pid and command of children that may run unmeasured."""
    interpreter: int = 0
    """Not 0 in a sub-interpreter, which has its process's pid."""
    parent: int = 0
    parent_start: str = ""
    data_file: str = ""
    witness_file: str = ""
    command: bool = False
    """It belongs to a command of the project's own: it does not notice when whoever started that is gone."""
    loads: bool = False
    """A server in it has begun to load the application."""
    server: str = ""
    """Which one, and its version, where it is known."""
    served: bool = False
    others: bool = False
    """It has served tests of another run, which had another key."""
    failure: str = ""
    shutdown: str = ""
    """Why the application failed in its shutdown."""
    forced: bool = False
    ended: bool = False
    """Its data were saved as it ended."""
    signal: int = 0
    """By whose default action it ended."""
    became: list[str] = field(default_factory=list)
    """The program, and its arguments, that it was about to become by exec."""
    unseen_handlers: dict[str, int] = field(default_factory=dict)
    """How often each signal handler, "name (file:line)", was called where no recorder sees it."""
    tracing: str = ""
    """Another trace function than coverage.py's that was there at the end; "none" where its own was gone."""
    witness_stopped: bool = False
    """The witness's tool was no longer its own at the end."""
    sigterm: str = ""
    """The application's handler of SIGTERM, in a process that had to be stopped by force."""

    def forked(self, pid: int) -> None:
        """Become the record of a child that was copied from this process: what is not known of it yet is emptied."""
        self.parent, self.parent_start = self.pid, self.start
        self.pid, self.start, self.began = pid, os.urandom(4).hex(), time.time()
        self.role = protocol.CHILD
        self.canary = self.canary_error = self.data_file = self.witness_file = ""
        self.served = self.others = self.ended = self.loads = False
        self.server = self.failure = ""
        self.became, self.started = [], []
        self.shutdown = ""
        if self.witness == ON:
            self.witness = FORKED


class Recorder:
    """Keeps this process's record on disk; never raises into the application."""

    def __init__(self, folder: Path, record: ProcessRecord) -> None:
        self.folder = folder
        self.record = record

    def update(self, **changes: Any) -> None:
        """Set fields and write the record anew, whole or not at all."""
        for name, value in changes.items():
            setattr(self.record, name, value)
        path = self.folder / protocol.RECORD.format(pid=self.record.pid, start=self.record.start)
        draft = path.with_suffix(f".{os.getpid()}-{get_ident()}.tmp")
        try:
            draft.write_text(json.dumps(asdict(self.record)), encoding="utf-8")
            access.grant(draft)
            draft.replace(path)
        except Exception as error:
            complain(f"cannot write {path}", error)


def complain(what: str, error: Exception) -> None:
    """Say on standard error what failed in the agent: the application must run as if it were not there."""
    with contextlib.suppress(Exception):  # standard error may be closed
        print(f"afterawait: {what}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)


def read(path: Path) -> ProcessRecord:
    """The record in `path`. Raises ValueError where it is not one, OSError where it cannot be read."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(raw, dict) or not isinstance(raw.get("pid"), int):
        raise ValueError(f"{path} is not a process record")  # noqa: TRY004  # the file's content, not an argument
    if (version := raw.get("version", 1)) != VERSION:
        raise ValueError(f"{path} has version {version} of the format, and this is {VERSION}")
    known = {each.name for each in fields(ProcessRecord)}
    return ProcessRecord(**{name: value for name, value in raw.items() if name in known})
