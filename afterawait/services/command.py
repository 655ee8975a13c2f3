"""The project's own commands, from [tool.afterawait] in its pyproject.toml: setup, demo. Test process, or a driver."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from afterawait.faults import ApplicationFault, EnvironmentFault

SHELLS_SIGINT = 130  # what a shell makes of it
TAIL = 25  # lines of a failed command's output that an error shows


def run(key: str, commands: Sequence[str], env: Mapping[str, str], cwd: Path) -> None:
    """Run what [tool.afterawait].`key` says, one command after the other, each to its end.

    Raises ApplicationFault with the last of its output where one fails, EnvironmentFault where there is no such
    command, KeyboardInterrupt where the terminal ended it: it may have heard of Ctrl-C first.
    """
    for command in commands:
        try:
            _run(key, command, env, cwd)
        except OSError as error:
            raise EnvironmentFault(
                f"The {key} command cannot be started: {command}: {error.strerror}.",
                hint=f"Install it, or fix [tool.afterawait].{key} in pyproject.toml.",
            ) from None


def _run(key: str, command: str, env: Mapping[str, str], cwd: Path) -> None:
    done = subprocess.run(
        _words(command, env),
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


def _words(command: str, env: Mapping[str, str]) -> list[str]:
    """A command as it is started: `python`, and what is installed beside it, are those of this environment."""
    first, *others = shlex.split(command)
    if first in {"python", "python3"}:
        return [sys.executable, *others]
    beside = os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", os.defpath)])
    return [shutil.which(first, path=beside) or first, *others]
