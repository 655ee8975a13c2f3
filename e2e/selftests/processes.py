"""Finding what a run left behind, and waiting for moments in it. Test process of the selftests."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

DEADLINE = 20.0  # seconds
PYTHON = shlex.quote(sys.executable)
"""For a command of a shell."""


def until(condition: Callable[[], bool], what: str, seconds: float = DEADLINE) -> None:
    """Wait for a condition; fail with `what` when it does not come true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.02)


def beside_python() -> str:
    """A search path on which the programs of this environment are found, as in a shell that has activated it."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def of(root: Path) -> list[psutil.Process]:
    """The processes that belong to the project in `root`: by their environment, or by what they were started with."""
    found = []
    for process in psutil.process_iter():
        try:
            env = process.environ()
            mine = [env.get(each, "").startswith(str(root)) for each in ("AFTERAWAIT_RUN", "AFTERAWAIT_COMMAND")]
            if any(mine) or any(str(root) in argument for argument in process.cmdline()):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


def called(root: Path, word: str) -> list[psutil.Process]:
    """Those of them that `word` stands in the command line of; one that ends meanwhile has none."""
    return [process for process in of(root) if word in _command(process)]


def postgres_of(pid: int) -> list[psutil.Process]:
    """The PostgreSQL processes that `pid` or its children started; ask while it lives."""
    family = psutil.Process(pid).children(recursive=True)
    return [process for process in family if "postgres" in process.name() or "reaper.py" in _command(process)]


def _command(process: psutil.Process) -> str:
    """The command line; "" of one that has ended meanwhile."""
    with contextlib.suppress(psutil.NoSuchProcess):  # a zombie's is one of these
        return " ".join(process.cmdline())
    return ""


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all of them have ended."""
    return not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes)
