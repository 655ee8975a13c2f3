"""A folder and the commands run in it, both gone when this process is: the test process's end of a reaper."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from afterawait.faults import EnvironmentFault
from afterawait.processes import reaper

TAIL = 30  # lines of a log that an error shows
# All that the commands get: nothing that would measure them, nothing that changes what they log.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


@dataclass(frozen=True)
class Persona:
    """The user that the commands run as, where that can't be us."""

    name: str
    uid: int
    gid: int


class ReaperClient:
    """Makes `path` and owns it, under a reaper that removes it as soon as this process is gone. See reaper.py.

    One command runs at a time, as `user`; what it prints goes to the log.
    """

    def __init__(self, path: Path, user: Persona | None, *, timeout: float = 20.0) -> None:
        self.path = path
        self._answers = b""
        persona = [str(user.uid), str(user.gid)] if user else []
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", reaper.__file__, str(path), str(os.getpid()), *persona],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=ENVIRONMENT,
            start_new_session=True,
        )
        self._stdin = cast("IO[bytes]", self._process.stdin)
        self._stdout = cast("IO[bytes]", self._process.stdout)
        try:
            self._expect_ready(timeout)
        except BaseException:
            self.close()
            raise

    def run(self, command: Sequence[str | Path], *, timeout: float) -> int:
        """Run `command` to its end; its exit status. Raises TimeoutError."""
        self.start(command)
        return int(self._answer(timeout))

    def start(self, command: Sequence[str | Path]) -> None:
        """Start `command`; `ended()` says when it is over."""
        line = json.dumps([str(each) for each in command]) + "\n"
        with contextlib.suppress(BrokenPipeError):  # the reaper is gone; ended() says so
            self._stdin.write(line.encode())
            self._stdin.flush()

    def ended(self) -> bool:
        """Whether the command that was started, or the reaper itself, has ended."""
        try:
            self._answer(0)
        except TimeoutError:
            return False
        return True

    def log_tail(self) -> str:
        """The last lines that the commands printed."""
        try:
            text = (self.path / reaper.LOG).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-TAIL:])

    def close(self) -> None:
        """Stop what runs and remove the folder. Idempotent."""
        process = self._process
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()
        try:
            process.wait(3 * reaper.GRACE + 2)
        except subprocess.TimeoutExpired:
            process.kill()  # what it runs is then stopped (reaper.py), and the next reaper sweeps the folder
            process.wait()
        self._stdout.close()

    def _expect_ready(self, timeout: float) -> None:
        try:
            answer = self._answer(timeout)
        except TimeoutError:
            answer = "(no answer)"
        if answer != "ready":
            raise EnvironmentFault(
                f"The folder {self.path} could not be made.",
                detail=(answer + "\n" + self._answers.decode(errors="replace")),
                hint="Free some space there, or let TMPDIR name another folder.",
            )

    def _answer(self, timeout: float) -> str:
        """The reaper's next line; "-1" if it is gone."""
        deadline = time.monotonic() + timeout
        while b"\n" not in self._answers:
            remaining = max(0.0, deadline - time.monotonic())
            if not select.select([self._stdout], [], [], remaining)[0]:
                raise TimeoutError
            got = os.read(self._stdout.fileno(), 65536)
            if not got:
                return "-1"
            self._answers += got
        line, _, self._answers = self._answers.partition(b"\n")
        return line.decode(errors="replace")
