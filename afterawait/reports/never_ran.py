"""What is said of statements that did not run, though coverage.py's C tracer counted them. Driver process."""

from __future__ import annotations

import os
from collections.abc import Mapping

import coverage
from coverage.python import PythonFileReporter

from afterawait import terminal
from afterawait.evidence.line_sets import ranges

SHOWN = 8


def report(cov: coverage.Coverage, evaluated: Mapping[str, set[int]]) -> None:
    """Name those whose annotations were `evaluated`, lines by file: they are among the missing ones of `cov`."""
    found: dict[str, set[int]] = {}
    for name, lines in evaluated.items():
        missing = set(cov.analysis2(name)[3])
        if statements := missing & PythonFileReporter(name, cov).translate_lines(lines):
            found[name] = statements
    if not found:
        return
    count = sum(map(len, found.values()))
    what = "1 line" if count == 1 else f"{count} lines"
    where = "1 file" if len(found) == 1 else f"{len(found)} files"
    terminal.say("annotations", f"{what} in {where} did not run: only annotations were evaluated there; not counted")
    for name, statements in list(found.items())[:SHOWN]:
        print(f"{'':<12} {os.path.relpath(name)}: {ranges(statements)}")
    if len(found) > SHOWN:
        print(f"{'':<12} and {len(found) - SHOWN} more files")
