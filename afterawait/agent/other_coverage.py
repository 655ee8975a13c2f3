"""Another coverage.py beside the run's own: a test's, `coverage run`'s, pytest-cov's. In all measured processes.

It would take the run's data file for its own, delete it or add to it, and end the run's saving. Here it gets what it
would have without a run; the record names it, for while it measures, the run's own coverage.py does not.
"""
# ruff: noqa: PTH118, PTH120 - in every measured process, before the application

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import coverage
from coverage import control

from afterawait import protocol

OURS = ("coverage.control", "coverage.multiproc")
"""Who starts coverage.py in a forked child or in a pool's, as the run's configuration says."""
TOOLS = {"pytest_cov.engine": "pytest-cov", "coverage.cmdline": "`coverage run`"}


def keep_apart(folder: str, told: Callable[[str], None]) -> None:
    """Give every further Coverage in this process, and in those forked off it, data of its own.

    `folder` is the run's; `told` hears who started one.
    """
    own: Any = coverage.Coverage
    make, start = own.__init__, own.start
    others: set[int] = set()

    @functools.wraps(make)
    def made(self: Any, *arguments: Any, **more: Any) -> None:
        if _caller(2) in OURS:
            make(self, *arguments, **more)
            return
        others.add(id(self))
        with _without_ours(folder):
            make(self, *arguments, **more)

    @functools.wraps(start)
    def started(self: Any) -> None:
        if id(self) in others:
            told(_who())
        start(self)

    own.__init__, own.start = made, started


def redirect(folder: str) -> None:
    """Let this process's own coverage.py write into the run's folder, whatever COVERAGE_FILE or its folder says.

    Nothing is written before the end. There is no public way: where coverage.py's insides are others, nothing happens,
    and the verdict misses the file.
    """
    current: Any = coverage.Coverage.current()
    data = getattr(current, "_data", None)
    if data is None or os.path.dirname(data.data_filename()) == folder or not hasattr(data, "_choose_filename"):
        return
    data._basename = current.config.data_file = os.path.join(folder, protocol.DATA_FILE)
    data._choose_filename()


@contextmanager
def _without_ours(folder: str) -> Iterator[None]:
    """Hide from the making of another Coverage the run's data file, and that there is one whose saving it would end."""
    file = os.environ.get(protocol.COVERAGE_FILE, "")
    hidden = os.path.dirname(file) == folder
    if hidden:
        del os.environ[protocol.COVERAGE_FILE]
    ours = control.process_startup.__dict__.pop("coverage", None)
    try:
        yield
    finally:
        if hidden:
            os.environ[protocol.COVERAGE_FILE] = file
        if ours is not None:
            control.process_startup.coverage = ours  # type: ignore[attr-defined]


def _caller(depth: int) -> str:
    return str(sys._getframe(depth).f_globals.get("__name__", ""))


def _who() -> str:
    """Who starts it: a tool by its name, else the first code outside of coverage.py, by file and line."""
    frame = sys._getframe(2)
    place = ""
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name in TOOLS:
            return TOOLS[name]
        if not place and name.partition(".")[0] != "coverage":
            place = f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back  # type: ignore[assignment]
    return place
