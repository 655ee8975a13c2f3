"""What a measured process starts is measured too, whatever environment it is given. In measured processes.

A Python that gets an environment of its own (`subprocess.run(..., env={...})`) would not know of the run: the run's
variables are added, for interpreters and their scripts alone. What cannot be measured so is noted with its cause:
the judge looks whether it left a record all the same.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from pathlib import PurePath
from types import ModuleType
from typing import TYPE_CHECKING, Any

from afterawait import protocol
from afterawait.agent import imports
from afterawait.agent.record import complain

if TYPE_CHECKING:
    import subprocess

PASSED_ON = (
    *(protocol.RUN, protocol.SOURCE, protocol.KEY, protocol.DATABASES, protocol.EXPLORE, protocol.COMMAND),
    protocol.FORWARD,
    protocol.DROP,
    *(protocol.COVERAGE_START, protocol.COVERAGE_FILE, protocol.CORE, protocol.CONCURRENCY, protocol.BRANCH),
)
WRAPPERS = {"env", "sudo", "su", "runuser", "doas"}
"""Programs that may start another one in an environment of its own."""
FLAGS = "SIE"
"""Of Python: without site, isolated, without PYTHON* variables: the start hook may then not be found."""

Note = Callable[[int, str], None]


def begin(note: Note) -> None:
    """Watch from here on; `note` is called with pid and command of what may run unmeasured. Raises nothing."""
    imports.after({"subprocess": functools.partial(_watch, note=note)})


def _watch(module: ModuleType, note: Note) -> None:
    popen: type[subprocess.Popen[Any]] = module.Popen
    start = popen.__init__

    @functools.wraps(start)
    def starting(self: subprocess.Popen[Any], args: Any, *more: Any, **named: Any) -> None:
        command = _command(args)
        if named.get("env") is not None and not named.get("shell") and command:
            try:
                program = os.fsdecode(named.get("executable") or command[0])
                named["env"] = environment(program, named["env"])
            except Exception as error:  # a program that cannot be read, say: it starts as it would without us
                complain("a child may not be measured", error)
        start(self, args, *more, **named)
        if may_be_unmeasured(command):
            note(self.pid, " ".join(command))

    popen.__init__ = starting  # type: ignore[method-assign]


def _command(args: Any) -> list[str]:
    try:
        if isinstance(args, str | bytes | os.PathLike):
            return os.fsdecode(args).split()
        return [os.fsdecode(each) for each in args]
    except (TypeError, ValueError):  # Popen says so
        return []


def environment(program: str, given: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """`given`, with what the run's processes agree on where `program` is Python and was told nothing of it."""
    if protocol.RUN in given or os.fsencode(protocol.RUN) in given or not _is_python(program, given):
        return given
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ} | dict(given)


def may_be_unmeasured(command: list[str]) -> bool:
    """Whether `command` starts Python in a way that may keep it from the start hook."""
    if not command:
        return False
    if PurePath(command[0]).name in WRAPPERS:
        return any(_is_interpreter(each) for each in command[1:])
    if not _is_interpreter(command[0]):
        return False
    options = []
    for each in command[1:]:
        if not each.startswith("-") or each in {"-c", "-m", "-"}:
            break
        options.append(each)
    return any(set(each[1:]) & set(FLAGS) for each in options if not each.startswith("--"))


def _is_interpreter(program: str) -> bool:
    return PurePath(program).name.rstrip("0123456789.") in {"python", "pypy"}


def _is_python(program: str, env: Mapping[Any, Any]) -> bool:
    if _is_interpreter(program):
        return True
    import shutil

    path = env.get("PATH", os.defpath)
    found = shutil.which(program, path=os.fsdecode(path))
    if found is None:
        return False
    with open(found, "rb") as file:  # noqa: PTH123  # pathlib is more than a short look needs
        first = file.readline(200)
    return first.startswith(b"#!") and b"python" in first
