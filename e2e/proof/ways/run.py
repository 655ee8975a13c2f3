"""One program that does something to its process, measured in one column, held against the oracle. Proof process."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from coverage import CoverageData
from coverage.exceptions import DataError

from afterawait import protocol
from afterawait.agent.witness.format import RowKind
from afterawait.evidence import data_files, recordings
from afterawait.processes.polling import Expired, wait_until
from e2e.proof import oracle, subjects
from e2e.proof.scene import AGENT, TIMEOUT, Scene, as_this_project
from e2e.proof.ways.rows import Column, Row

ENDING = 15.0  # seconds
MARK = "# what follows stands here many times\n"

Line = tuple[int, int]
"""A pid, and a line of the program."""
Credit = dict[Line, set[str]]
"""Whose it is: the tests in whose turn it ran, "" beside them."""


@dataclass
class Outcome:
    """What the oracle heard of, and which of it is not known: to coverage.py, to the witness, whose it was.

    `said` is what a run of this project says of it, `refused` whether it would be believed; `failed` how it ended
    otherwise than it should.
    """

    ran: int
    lost: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    refused: bool = False
    failed: str = ""


def run(row: Row, column: Column, python: Path, folder: Path) -> Outcome:
    """Measure the program of `row` in the empty `folder`. Raises OSError or subprocess.TimeoutExpired."""
    text = oracle.rewritten(program(row))
    texts = {
        "drive.py": subjects.text("ways/drive"),
        "oracle.py": subjects.text("ways/recorder"),
        "turns.py": subjects.text("ways/turns"),
        "subject/main.py": text,
    }
    how = f"core = ctrace\n{column.settings}" if column.mode is None else as_this_project(column.mode)
    stage = Scene(folder, how, texts)
    failed = _measure(row, column, python, stage)
    heard = _heard(folder)
    measured = set(_measured(stage))
    outcome = Outcome(len(heard), lost=_named(heard.keys() - measured, text), failed=failed)
    if column.mode is not None:
        seen = _seen(stage)
        outcome.unseen = _named(heard.keys() - seen.keys(), text)
        outcome.wrong = _named({line for line in heard.keys() & seen.keys() if heard[line] != seen[line]}, text)
        judged, _ = stage.judged(column.mode)
        outcome.refused = bool(judged.faults)
        outcome.said = [*map(str, judged.faults), *judged.unseen, *filter(None, [judged.unnamed()])]
    return outcome


def program(row: Row) -> str:
    """Its source, with the part that is there many times."""
    once, mark, again = subjects.text(f"ways/{row.program}").partition(MARK)
    return once + "\n\n".join([again] * row.times) if mark else once


def _measure(row: Row, column: Column, python: Path, stage: Scene) -> str:
    """Run it; returns how it ended, where that is not as it should."""
    watched = column.mode is not None
    environment = stage.environment(*AGENT * watched, watched=watched) | ({protocol.EXPLORE: "1"} if watched else {})
    command = [str(python), "drive.py", *row.given]
    with (stage.folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=stage.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,
        )
        try:
            status = process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
    try:
        wait_until(lambda: not any(_is_of(process.pid, each) for each in psutil.process_iter()), seconds=ENDING)
    except Expired:
        return "a process of it lives on"
    if status == row.status:
        return ""
    last = (stage.folder / "log").read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    return f"it ended with {status}, not {row.status}: {' '.join(last)}"


def _is_of(group: int, process: psutil.Process) -> bool:
    """Whether it is one that still runs, a fork server say, which ends after the others."""
    with contextlib.suppress(psutil.Error, OSError):
        return os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE
    return False


def _heard(folder: Path) -> Credit:
    found: Credit = {}
    for path in (folder / "heard").iterdir():
        for each in path.read_text(encoding="utf-8").splitlines():
            line, _, whose = each.partition(" ")
            found.setdefault((int(path.name), int(line)), set()).add(whose)
    return found


def _measured(stage: Scene) -> Iterator[Line]:
    """What coverage.py saved, by process."""
    for path in stage.run.path.glob(protocol.DATA_FILES):
        with closing(CoverageData(basename=str(path))) as data, contextlib.suppress(DataError):  # cut off
            data.read()
            for name in data.measured_files():
                if Path(name) == stage.file:
                    yield from ((data_files.pid_of(path), line) for line in data.lines(name) or ())


def _seen(stage: Scene) -> Credit:
    found: Credit = {}
    for path in stage.run.path.glob(protocol.WITNESS_FILES):
        witness = recordings.read(path)
        for row, name, lines in witness.by_row():
            if Path(name) == stage.file:
                whose = row.name if row.kind == RowKind.TEST else ""
                for line in lines:
                    found.setdefault((witness.pid, line), set()).add(whose)
    return found


def _named(lines: Iterable[Line], text: str) -> list[str]:
    """For people: the statement that each report stands before."""
    source = text.splitlines()
    return [f"{line + 1}: {source[line].strip()}" for _, line in sorted(lines)]
