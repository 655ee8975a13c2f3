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

from afterawait import protocol, settings
from afterawait.agent.witness.format import RowKind
from afterawait.evidence import data_files, recordings
from afterawait.judge import verdict
from afterawait.judge.cross_check import Agreement
from afterawait.processes.polling import Expired, wait_until
from afterawait.runs.folder import RunFolder
from afterawait.runs.manifest import Manifest
from e2e.proof import oracle, subjects
from e2e.proof.claims.run import DROPPED, HOME, PYPROJECT, TIMEOUT
from e2e.proof.ways.rows import Column, Row

ENDING = 15.0  # seconds
AGENT = (HOME,)
"""Where the start hook of the measured processes is found."""
MARK = "# what follows stands here many times\n"
OURS = "branch = {branch}\nconcurrency = {concurrency}\ncore = {core}"

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
    config = f"[run]\nsource = subject\nparallel = true\n{_how(column)}\n"
    for path, content in (
        ("coverage.cfg", config),
        ("pyproject.toml", PYPROJECT),
        ("drive.py", subjects.text("ways/drive")),
        ("oracle.py", subjects.text("ways/recorder")),
        ("turns.py", subjects.text("ways/turns")),
        ("subject/__init__.py", ""),
        ("subject/main.py", text),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, encoding="utf-8")
    run_folder = RunFolder(folder / "run")
    for each in (run_folder.path, folder / "heard"):
        each.mkdir()
    failed = _measure(row, column, python, folder, run_folder)
    heard = _heard(folder)
    file = folder / "subject" / "main.py"
    measured = set(_measured(run_folder, file))
    outcome = Outcome(len(heard), lost=_named(heard.keys() - measured, text), failed=failed)
    if column.mode is not None:
        seen = _seen(run_folder, file)
        outcome.unseen = _named(heard.keys() - seen.keys(), text)
        outcome.wrong = _named({line for line in heard.keys() & seen.keys() if heard[line] != seen[line]}, text)
        _judge(outcome, Manifest.of(folder, ["subject"], column.mode, partial="", finished=True), folder, run_folder)
    return outcome


def program(row: Row) -> str:
    """Its source, with the part that is there many times."""
    once, mark, again = subjects.text(f"ways/{row.program}").partition(MARK)
    return once + "\n\n".join([again] * row.times) if mark else once


def _how(column: Column) -> str:
    if column.mode is None:
        return f"core = ctrace\n{column.settings}"
    concurrency = "thread" if column.mode.monitored else "greenlet, thread"
    return OURS.format(branch=column.mode.branch, concurrency=concurrency, core=column.mode.core)


def _measure(row: Row, column: Column, python: Path, folder: Path, run_folder: RunFolder) -> str:
    """Run it; returns how it ended, where that is not as it should."""
    ours = {
        protocol.RUN: str(run_folder.path),
        protocol.ROLE: protocol.SERVER,
        protocol.EXPLORE: "1",
        protocol.SOURCE: str(folder / "subject"),
    }
    path = (folder, *AGENT) if column.mode is not None else (folder,)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)} | {
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "ORACLE": str(folder / "heard"),
        protocol.COVERAGE_START: str(folder / "coverage.cfg"),
        protocol.COVERAGE_FILE: str(run_folder.data_file),
        **(ours if column.mode is not None else {}),
    }
    command = [str(python), "drive.py", *row.given]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
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
    last = (folder / "log").read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
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


def _measured(run_folder: RunFolder, file: Path) -> Iterator[Line]:
    """What coverage.py saved, by process."""
    for path in run_folder.path.glob(protocol.DATA_FILES):
        with closing(CoverageData(basename=str(path))) as data, contextlib.suppress(DataError):  # cut off
            data.read()
            for name in data.measured_files():
                if Path(name) == file:
                    yield from ((data_files.pid_of(path), line) for line in data.lines(name) or ())


def _seen(run_folder: RunFolder, file: Path) -> Credit:
    found: Credit = {}
    for path in run_folder.path.glob(protocol.WITNESS_FILES):
        witness = recordings.read(path)
        for row, name, lines in witness.by_row():
            if Path(name) == file:
                whose = row.name if row.kind == RowKind.TEST else ""
                for line in lines:
                    found.setdefault((witness.pid, line), set()).add(whose)
    return found


def _judge(outcome: Outcome, manifest: Manifest, folder: Path, run_folder: RunFolder) -> None:
    """Add what a run would say."""
    run_folder.write_manifest(manifest)
    judged = verdict.judge(run_folder, manifest, settings.load(folder, {}).source, folder, Agreement())
    outcome.refused = bool(judged.faults)
    outcome.said = [*map(str, judged.faults), *judged.unseen, *filter(None, [judged.unnamed()])]


def _named(lines: Iterable[Line], text: str) -> list[str]:
    """For people: the statement that each report stands before."""
    source = text.splitlines()
    return [f"{line + 1}: {source[line].strip()}" for _, line in sorted(lines)]
