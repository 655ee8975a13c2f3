"""One program, measured in one way: what coverage.py claims of it, and what this project reports. Proof process.

The program is run by any Python that has coverage.py, in a process that the witness watches too; judged and combined by
this project's own code. Both reports are held against the oracle, which knows each statement and each side of an `if`.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import coverage

from afterawait import coverage_config, protocol, settings
from afterawait.judge import verdict
from afterawait.judge.cross_check import Agreement
from afterawait.mode import MeasurementMode
from afterawait.reports import combine
from afterawait.runs.folder import RunFolder
from afterawait.runs.manifest import Manifest
from e2e.proof import oracle, subjects

HOME = Path(__file__).parents[3]
PARTS = ("left_by_an_error", "interleaved", "tried", "annotated")
DROPPED = ("COVERAGE_", "AFTERAWAIT_", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
"""How variables begin that would change what is measured."""
TIMEOUT = 60.0
SYSMON_BRANCHES = (3, 14)
# The Python from which coverage.py measures branches by sys.monitoring, right or wrong.

PYPROJECT = '[tool.afterawait]\napp = "subject.main:app"\nsource = ["subject"]\ncoverage_config = "coverage.cfg"\n'
CONFIG = """\
[run]
source = subject
branch = {branch}
concurrency = {concurrency}
core = {core}
parallel = true
"""


@dataclass(frozen=True)
class Way:
    """How it is measured, and what the two reports of it are called; "" for one that is not shown."""

    mode: MeasurementMode
    theirs: str
    ours: str

    def runs_on(self, python: tuple[int, int]) -> bool:
        """Whether coverage.py can do it there."""
        return not (self.mode.branch and self.mode.monitored) or python >= SYSMON_BRANCHES


WAYS = (
    Way(MeasurementMode("ctrace"), "C tracer", "this project"),
    Way(MeasurementMode("sysmon"), "sysmon, branches", "set to sysmon, branches"),
    Way(MeasurementMode("sysmon", branch=False), "", "--fast"),
)


@dataclass
class Claim:
    """What a report says of one part of the program: lines and sides claimed that never were, and denied that were."""

    false: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


Claims = dict[str, dict[str, Claim]]
"""By the part of the program, by the name of the report."""


def run(way: Way, python: Path, folder: Path) -> Claims:
    """Measure the program in the empty `folder`. Raises RuntimeError, with why, where that cannot be done."""
    text = oracle.rewritten("\n".join(subjects.text(part) for part in PARTS), sides=True)
    core, branch = way.mode.core, str(way.mode.branch).lower()
    how = "thread" if way.mode.monitored else "greenlet, thread"
    for path, content in (
        ("pyproject.toml", PYPROJECT),
        ("coverage.cfg", CONFIG.format(branch=branch, concurrency=how, core=core)),
        ("oracle.py", subjects.text("recorder", "sides_recorder")),
        ("drive.py", subjects.text("claims_drive")),
        ("subject/__init__.py", ""),
        ("subject/main.py", text),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content, encoding="utf-8")
    run_folder = RunFolder(folder / "run")
    for each in (run_folder.path, folder / "heard"):
        each.mkdir()
    run_folder.write_manifest(Manifest.of(folder, ["subject"], way.mode, partial="", finished=True))
    _measure(python, folder, run_folder)
    heard = {int(each) for path in (folder / "heard").iterdir() for each in path.read_bytes().split()}
    found: Claims = {}
    for name, report in _reports(way, folder, run_folder):
        for part, span in _parts(text):
            found.setdefault(part, {})[name] = _held_against(heard, text, span, report)
    return found


def _measure(python: Path, folder: Path, run_folder: RunFolder) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)} | {
        "PYTHONPATH": os.pathsep.join(map(str, (folder, HOME))),
        "ORACLE": str(folder / "heard"),
        protocol.RUN: str(run_folder.path),
        protocol.ROLE: protocol.SERVER,
        protocol.SOURCE: str(folder / "subject"),
        protocol.COVERAGE_START: str(folder / "coverage.cfg"),
        protocol.COVERAGE_FILE: str(run_folder.data_file),
    }
    command = [str(python), "drive.py"]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it ended at once"])[-1])


def _reports(way: Way, folder: Path, run_folder: RunFolder) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The JSON reports of coverage.py: of what it measured, and of what this project makes of that."""
    known = settings.load(folder, {})
    config = coverage_config.of_reports(known, folder)
    if way.theirs:
        theirs = config.coverage(folder / "theirs")
        theirs.combine([str(path) for path in run_folder.path.glob(protocol.DATA_FILES)], strict=True, keep=True)
        yield way.theirs, _json(theirs, folder)
    manifest = run_folder.manifest()
    judged = verdict.judge(run_folder, manifest, known.source, folder, Agreement())
    if judged.faults:
        raise RuntimeError("; ".join(map(str, judged.faults)))
    gathered = combine.Gathered()
    gathered.add(judged, manifest)
    yield way.ours, _json(combine.combine(known, config, gathered), folder)


def _json(cov: coverage.Coverage, folder: Path) -> Mapping[str, Any]:
    cov.json_report(outfile=str(folder / "report.json"))
    files: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))["files"]
    return next(dict(each) for name, each in files.items() if name.endswith("main.py"))


def _parts(text: str) -> Iterator[tuple[str, range]]:
    """The parts of a rewritten program, by name, and the lines that each has."""
    lines = text.splitlines()
    starts = [number for number, line in enumerate(lines, 1) if line.startswith("PART = ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start - 1].removeprefix("PART = ").strip("'\""), range(start, end)


def _held_against(heard: set[int], text: str, span: range, report: Mapping[str, Any]) -> Claim:
    lines = text.splitlines()
    found = Claim()
    executed = set(report["executed_lines"])
    statements = executed | set(report["missing_lines"])
    for reported in oracle.reports(text) & set(span):
        statement = reported + 1
        if {reported, statement} & executed and reported not in heard:
            found.false.append(f"{statement}: {lines[statement - 1].strip()}")
        elif statement in statements - executed and reported in heard:
            found.lost.append(f"{statement}: {lines[statement - 1].strip()}")
    conditions = oracle.sides(text) & set(span)
    claimed = _sides(report.get("executed_branches", ()), conditions)
    denied = _sides(report.get("missing_branches", ()), conditions)
    found.false += [f"{abs(side)}: {_told(side)}" for side in claimed - heard]
    found.lost += [f"{abs(side)}: {_told(side)}" for side in denied & heard]
    return found


def _sides(branches: Sequence[Sequence[int]], conditions: set[int]) -> set[int]:
    """Branches of an `if` as the oracle reports them: its line, less than 0 where its body is passed over."""
    return {start if end == start + 1 else -start for start, end in branches if start in conditions}


def _told(side: int) -> str:
    return "taken" if side > 0 else "passed over"
