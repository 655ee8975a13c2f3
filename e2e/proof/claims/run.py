"""One program, measured in one way: what coverage.py claims of it, and what this project reports. Proof process.

The program is run by any Python that has coverage.py, in a process that the witness watches too; judged and combined by
this project's own code. Both reports are held against the oracle, which knows each statement and each side of an `if`.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import coverage

from afterawait import coverage_config, protocol, settings
from afterawait.mode import MeasurementMode
from afterawait.reports import combine
from afterawait.runs.shards import Part
from e2e.proof import oracle, subjects
from e2e.proof.scene import AGENT, TIMEOUT, Scene, as_this_project

PARTS = ("left_by_an_error", "interleaved", "tried", "annotated")
SYSMON_BRANCHES = (3, 14)
# The Python from which coverage.py measures branches by sys.monitoring, right or wrong.


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
    texts = {
        "oracle.py": subjects.text("recorder", "sides_recorder"),
        "drive.py": subjects.text("claims_drive"),
        "subject/main.py": text,
    }
    stage = Scene(folder, as_this_project(way.mode), texts)
    _measure(python, stage)
    heard = {int(each) for path in (folder / "heard").iterdir() for each in path.read_bytes().split()}
    found: Claims = {}
    for name, report in _reports(way, stage):
        for part, span in _parts(text):
            found.setdefault(part, {})[name] = _held_against(heard, text, span, report)
    return found


def _measure(python: Path, stage: Scene) -> None:
    command = [str(python), "drive.py"]
    environment = stage.environment(*AGENT)
    done = subprocess.run(
        command, cwd=stage.folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it ended at once"])[-1])


def _reports(way: Way, stage: Scene) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The JSON reports of coverage.py: of what it measured, and of what this project makes of that."""
    known = settings.load(stage.folder, {})
    config = coverage_config.of_reports(known, stage.folder)
    if way.theirs:
        theirs = config.coverage(stage.folder / "theirs")
        theirs.combine([str(path) for path in stage.run.path.glob(protocol.DATA_FILES)], strict=True, keep=True)
        yield way.theirs, _json(theirs, stage.folder)
    judged, manifest = stage.judged(way.mode)
    if judged.faults:
        raise RuntimeError("; ".join(map(str, judged.faults)))
    gathered = combine.Gathered()
    gathered.add(judged, Part(str(stage.run.path), manifest))
    yield way.ours, _json(combine.combine(known, config, gathered), stage.folder)


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
