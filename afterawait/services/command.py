"""The project's own commands, from [tool.afterawait] in its pyproject.toml: setup, demo. Test process, or a driver."""

from __future__ import annotations

import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from afterawait.faults import ApplicationFault

SHELLS_SIGINT = 130  # what a shell makes of it
TAIL = 25  # lines of a failed command's output that an error shows


def run(key: str, command: str, env: Mapping[str, str], cwd: Path) -> None:
    """Run what [tool.afterawait].`key` says to its end; `python` means the run's own interpreter.

    Raises ApplicationFault with the last of its output where it fails, KeyboardInterrupt where the terminal ended it:
    it may have heard of Ctrl-C first.
    """
    words = shlex.split(command)
    if words[0] in {"python", "python3"}:
        words[0] = sys.executable
    done = subprocess.run(
        words,
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode in {-signal.SIGINT, SHELLS_SIGINT}:
        raise KeyboardInterrupt
    if done.returncode:
        raise ApplicationFault(
            f"The {key} command failed with exit code {done.returncode}: {command}",
            hint=f"Fix it, or [tool.afterawait].{key} in pyproject.toml.",
            detail="\n".join(done.stdout.splitlines()[-TAIL:]),
        )
