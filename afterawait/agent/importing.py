"""The import check: imports the application once, as the server will, and says what came of it. A process of its own.

    python -m afterawait.agent.importing MODULE:ATTRIBUTE FD

It runs before there is a database. So it never connects to anything: at the first connection that Python is about to
make it ends with the answer UNDECIDED, and the server's own start shows whether the application is sound. Nothing of
it is measured. It ends with its standard input, as a server does, and takes along what the application started.
"""

from __future__ import annotations

import asyncio
import contextlib
import difflib
import json
import os
import signal
import sys
import threading
import traceback
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, NoReturn

from afterawait.agent import last_words, loading, missing

GOOD, UNDECIDED, FAILED = "good", "undecided", "failed"
CONNECTING = {"socket.connect", "sqlite3.connect"}
# Packages whose errors may only say that there is no database yet.
DRIVERS = {"aiosqlite", "asyncpg", "pg8000", "psycopg", "psycopg2", "psycopg_pool", "sqlite3"}
MEMORY = ":memory:"
LIBRARIES = ("site-packages", "dist-packages")


class Answer:
    """What is written to `descriptor`, once."""

    def __init__(self, target: str, descriptor: int) -> None:
        self.target = target
        self._descriptor = descriptor
        self._lock = threading.Lock()
        os.set_inheritable(descriptor, False)

    def give(self, outcome: str, **more: Any) -> NoReturn:
        """Say `outcome` and end this process, whatever threads the application has started."""
        self._lock.acquire()
        os.write(self._descriptor, json.dumps({"outcome": outcome, **more}).encode())
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        _end()

    def at_connection(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An audit hook: a connection is where this check can know no more."""
        if event not in CONNECTING or (event == "sqlite3.connect" and MEMORY in str(arguments[:1])):
            return
        self.give(UNDECIDED, reason=event)


def _end() -> NoReturn:
    """End this process, and what the application started in its process group."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN) if threading.current_thread() is threading.main_thread() else None
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _end_with_stdin() -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    _end()


async def _load(answer: Answer) -> None:
    """In a running event loop, as uvicorn does it."""
    found = loading.named(answer.target)
    factory = not answer.target.endswith("()") and loading.is_factory(found)
    loading.must_be_application(answer.target, loading.load(answer.target))
    answer.give(GOOD, factory=factory)


def main() -> None:
    """Import, and answer."""
    answer = Answer(sys.argv[1], int(sys.argv[2]))
    threading.Thread(target=_end_with_stdin, name="afterawait-stdin", daemon=True).start()
    sys.argv[1:] = []
    runner = asyncio.Runner()
    runner.get_loop()
    sys.addaudithook(answer.at_connection)
    try:
        runner.run(_load(answer))
    except BaseException as error:  # SystemExit, too: a module that ends its process is not importable
        _answer_failure(answer, error)


def _answer_failure(answer: Answer, error: BaseException) -> NoReturn:
    if any(_may_be_the_database(each) for each in _chain(error)):
        answer.give(UNDECIDED, reason=type(error).__name__)
    reason = missing.refused(error) or last_words.of_error(error)
    near = _near(answer.target) if isinstance(error, AttributeError) else missing.variable(error)
    kind = _kind(answer.target, error)
    answer.give(FAILED, kind=kind, reason=reason, traceback=_users_traceback(error), near=near)


def _chain(error: BaseException | None) -> list[BaseException]:
    """The error and those that led to it."""
    found: list[BaseException] = []
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is None or each in found:
            continue
        found.append(each)
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
    return found


def _may_be_the_database(error: BaseException) -> bool:
    import socket

    package = type(error).__module__.partition(".")[0]
    return isinstance(error, ConnectionError | TimeoutError | socket.gaierror) or package in DRIVERS


def _kind(target: str, error: BaseException) -> str:
    """What the hint is chosen by."""
    module = target.partition(":")[0]
    if isinstance(error, SystemExit):
        return "exit"
    if isinstance(error, loading.NotAnApplication):
        return "no application"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return "no module" if f"{module}.".startswith(f"{error.name}.") else "missing package"
    if isinstance(error, AttributeError) and isinstance(sys.modules.get(module), ModuleType):
        return "no attribute" if getattr(error, "obj", None) is sys.modules[module] else "raised"
    return "no variable" if missing.variable(error) else "settings" if missing.refused(error) else "raised"


def _near(target: str) -> str:
    """An application of that module under another name."""
    module_name, _, attribute = target.partition(":")
    module = sys.modules.get(module_name)
    names = [name for name, each in vars(module).items() if _is_application(each)] if module else []
    close = difflib.get_close_matches(attribute, names, 1, cutoff=0.0)
    return f"{module_name}:{close[0]}" if close else ""


def _is_application(found: Any) -> bool:
    if isinstance(found, type | ModuleType) or not callable(found):
        return False
    names = [each.lstrip("_") for each in getattr(_parameters(found), "keys", list)()]
    return names[:3] == list(loading.CALLED_WITH)


def _parameters(found: Any) -> Any:
    import inspect

    try:
        return inspect.signature(found).parameters
    except (TypeError, ValueError):
        return None


def _users_traceback(error: BaseException) -> str:
    """The traceback without frames of this tool, of the interpreter and of packages; all of it where none is left."""
    if isinstance(error, loading.NotAnApplication):
        return ""
    found = traceback.TracebackException.from_exception(error)
    own = [each for each in found.stack if _is_the_users(each.filename)]
    if own or not _has_packages(error.__traceback__):
        found.stack = traceback.StackSummary.from_list(own)
    text = "".join(found.format(chain=False))
    return text if own else text.removeprefix("Traceback (most recent call last):\n")


def _is_the_users(filename: str) -> bool:
    path = Path(filename)
    inside = path.is_absolute() and not any(part in LIBRARIES for part in path.parts)
    ours = Path(__file__).parents[1]
    return inside and not path.is_relative_to(ours) and not path.is_relative_to(Path(os.__file__).parent)


def _has_packages(found: TracebackType | None) -> bool:
    while found is not None:
        if any(part in LIBRARIES for part in Path(found.tb_frame.f_code.co_filename).parts):
            return True
        found = found.tb_next
    return False


if __name__ == "__main__":
    main()
