"""The project's own commands, from [tool.afterawait] in its pyproject.toml: setup, demo. Test process, or a driver."""

from __future__ import annotations

import contextlib
import errno
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from afterawait.faults import ApplicationFault, EnvironmentFault

SHELLS_SIGINT = 130  # what a shell makes of it
PAUSE = 0.1
INSTALL = "Install it, or fix [tool.afterawait].server in pyproject.toml, or what stands behind `record --`."
TAIL = 25  # lines of a failed command's output that an error shows


def run(
    key: str, commands: Sequence[str], env: Mapping[str, str], cwd: Path, *, watch: Callable[[], None] = lambda: None
) -> None:
    """Run what [tool.afterawait].`key` says, one command after the other, each to its end.

    Raises ApplicationFault with the last of its output where one fails, EnvironmentFault where there is no such
    command, what `watch` raises meanwhile, and KeyboardInterrupt where the terminal ended it: it may have heard of
    Ctrl-C first.
    """
    for command in commands:
        try:
            _run(key, command, env, cwd, watch)
        except OSError as error:
            raise EnvironmentFault(
                f"The {key} command cannot be started: {command}: {error.strerror}.",
                hint=f"Install it, or fix [tool.afterawait].{key} in pyproject.toml.",
            ) from None


def _run(key: str, command: str, env: Mapping[str, str], cwd: Path, watch: Callable[[], None]) -> None:
    process = subprocess.Popen(
        _words(command, env),
        env=dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    output = _watched(process, watch)
    if process.returncode in {-signal.SIGINT, SHELLS_SIGINT}:
        raise KeyboardInterrupt
    if process.returncode:
        raise ApplicationFault(
            f"The {key} command failed with exit code {process.returncode}: {command}",
            hint=f"Fix it, or [tool.afterawait].{key} in pyproject.toml.",
            detail="\n".join(output.splitlines()[-TAIL:]),
        )


def _watched(process: subprocess.Popen[str], watch: Callable[[], None]) -> str:
    """Its output, when it has ended; killed where something is raised."""
    try:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                output, _ = process.communicate(timeout=PAUSE)
                watch()
                return output
            watch()
    except BaseException:
        process.kill()
        process.communicate()
        raise


def _words(command: str, env: Mapping[str, str]) -> list[str]:
    """A command as it is started: `python`, and what is installed beside it, are those of this environment."""
    return resolved(shlex.split(command), env)


def resolved(command: Sequence[str], env: Mapping[str, str]) -> list[str]:
    """The same of a command's words."""
    first, *others = command
    if first in {"python", "python3"}:
        return [sys.executable, *others]
    beside = os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", os.defpath)])
    return [shutil.which(first, path=beside) or first, *others]


def started(
    command: Sequence[str], env: Mapping[str, str], *, who: str = "The command", hint: str = INSTALL, cwd: str = ""
) -> list[str]:
    """The words of a server's command as it is started. Raises EnvironmentFault where there is no such program.

    One that is named with its path is looked for from `cwd`.
    """
    words = resolved(command, env)
    program = os.path.join(cwd, words[0]) if os.sep in words[0] else words[0]  # noqa: PTH118  # as it is written
    if shutil.which(program, path=env.get("PATH", os.defpath)) is None:
        raise EnvironmentFault(f"{who} cannot be started: there is no {words[0]}.", hint=hint)
    return words


@contextlib.contextmanager
def runnable(program: str, *, who: str = "The command", hint: str = INSTALL) -> Iterator[None]:
    """For the start of a process. Raises EnvironmentFault where the system cannot run `program`, which is there."""
    try:
        yield
    except OSError as error:
        if error.filename != program:  # of another file: a log, say
            raise
        if error.errno in {errno.ENOEXEC, errno.ENOENT}:  # no first line that says what runs it, or one of nothing here
            hint = "Let its first line say what runs it, #!/bin/sh for one, as it is on this machine."
        raise EnvironmentFault(f"{who} cannot be started: {program}: {error.strerror}.", hint=hint) from None
