"""A project of a given size and the run that it was tested in, written without running anything. Benchmark process.

What a run leaves is written by what writes it in a real one: the witness by the agent's `Rows`, the data files by
coverage.py's `CoverageData`, each in a forked process of its own. A test runs as much as those of this repository's
suite do (SHARE of the lines in PART of the files), or every function there is.
"""

from __future__ import annotations

import functools
import os
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import coverage
from coverage import CoverageData

from afterawait import protocol
from afterawait.agent import canary
from afterawait.agent.record import ProcessRecord, Recorder
from afterawait.agent.witness.attribution import Attribution
from afterawait.agent.witness.format import RowKind
from afterawait.agent.witness.sources import Sources
from afterawait.agent.witness.writer import Writer
from afterawait.mode import FAST, MeasurementMode
from afterawait.runs.folder import RunFolder
from afterawait.runs.manifest import Manifest
from afterawait.runs.shards import digest_of

FUNCTION = """\
def work_{number}(value):
    total = 0
    for each in range(value):
        total += each
    if total > 2:
        total -= 1
    else:
        total += 1
    return total

"""
HEIGHT = FUNCTION.count("\n")
DEFINED = 1
WAYS = tuple(bytes(line + 1 in ran for line in range(HEIGHT)) for ran in ({2, 3, 4, 5, 6, 9}, {2, 3, 5, 8, 9}))
"""The lines of FUNCTION that run with a great value, and with 0."""
ARCS = ((-1, 2), (2, 3), (3, 4), (4, 3), (3, 5), (5, 6), (6, 9), (5, 8), (8, 9), (9, -1))
FILE_LINES = 500
SHARE, PART = 0.05, 0.2
"""Of the lines and of the files, what a test runs: 0.041 and 0.196 in this repository's suite."""

COVERAGERC = """\
[run]
source = work
branch = {branch}
[html]
show_contexts = true
"""
PYPROJECT = '[tool.afterawait]\napp = "work.m0:app"\nsource = ["work"]\ncoverage_config = ".coveragerc"\n'

LineIndex = dict[int, bytes]
"""By number of a file: a byte a line, as the witness keeps them."""


@dataclass(frozen=True)
class Size:
    """What a run had to tell: `whole` where each test runs every function; `branches` as by default.

    `shards` are machines that shared the tests, each with a run of its own.
    """

    tests: int
    lines: int
    processes: int = 1
    whole: bool = False
    branches: bool = True
    shards: int = 1


@dataclass(frozen=True)
class Project:
    """The files of a project of that size, in `root`."""

    root: Path
    size: Size

    @property
    def files(self) -> list[Path]:
        """The measured ones."""
        count = -(-self.size.lines // FILE_LINES)
        return [self.root / "work" / f"m{number}.py" for number in range(count)]

    @property
    def functions(self) -> int:
        """In each file."""
        return min(self.size.lines, FILE_LINES) // HEIGHT

    @property
    def runs(self) -> list[RunFolder]:
        """What its tests left, by shard."""
        folder = self.root / ".afterawait" / "runs"
        return [RunFolder(folder / f"synthetic-{number}") for number in range(self.size.shards)]

    def write(self) -> None:
        """Sources, settings, and a run of `size.processes` processes that shared the tests."""
        (self.root / "work").mkdir(parents=True)
        for path in self.files:
            path.write_text("".join(FUNCTION.format(number=number) for number in range(self.functions)))
        (self.root / ".coveragerc").write_text(COVERAGERC.format(branch=self.size.branches))
        (self.root / "pyproject.toml").write_text(PYPROJECT)
        mode = MeasurementMode() if self.size.branches else MeasurementMode(FAST.core, branch=False)
        whole = Manifest.of(self.root, ["work"], mode, partial="a benchmark", finished=True)
        digest = digest_of(map(_name, range(self.size.tests)))
        for index, run in enumerate(self.runs):
            run.path.mkdir(parents=True)
            tests = range(index, self.size.tests, self.size.shards)
            manifest = whole
            if self.size.shards > 1:
                collected = {"tests": self.size.tests, "names": digest, "files": ""}
                shard = (index + 1, self.size.shards)
                manifest = replace(whole, partial="", shard=shard, divided_of=collected, share=list(map(_name, tests)))
            run.write_manifest(manifest)
            share = max(1, -(-len(tests) // self.size.processes))
            for first in range(0, len(tests), share):
                _in_a_fork(functools.partial(Process(self, run, mode).leave, tests[first : first + share]))


def _name(number: int) -> str:
    return f"tests/test_work.py::test_{number}"


class Process:
    """A server process of the run, this one: what it leaves behind."""

    def __init__(self, project: Project, run: RunFolder, mode: MeasurementMode) -> None:
        self._project = project
        self._run = run
        self._mode = mode
        self._names = [str(path) for path in project.files]

    def leave(self, tests: Sequence[int]) -> None:
        """Record, witness and data file, of a process that served these tests."""
        folder = self._run.path
        writer = Writer(folder, "server")
        rows = Attribution(writer, Sources([str(self._project.root / "work")]), {})
        every = self._at_start()
        for name, cells in zip(self._names, every, strict=True):
            self._note(rows, RowKind.STARTUP, "", name, cells)
        for number in tests:
            for file, cells in self.ran_by(number).items():
                self._note(rows, RowKind.TEST, _name(number), self._names[file], cells)
                both = int.from_bytes(every[file]) | int.from_bytes(cells)
                every[file] = both.to_bytes(len(cells))
        self._leave_data(every)
        self._leave_record(writer.name)

    def _at_start(self) -> list[bytes]:
        cells = bytearray(self._project.functions * HEIGHT + 1)
        cells[DEFINED::HEIGHT] = b"\1" * self._project.functions
        return [bytes(cells)] * len(self._names)

    def _note(self, rows: Attribution, kind: RowKind, test: str, name: str, cells: bytes) -> None:
        row = rows.row(kind, test)
        rows.missed(row, name, len(cells) - 1, 0)  # the block, and nothing in it yet
        row[name][: len(cells)] = cells

    def ran_by(self, number: int) -> LineIndex:
        """What the test of that number runs: the same however the tests are shared out."""
        chance = random.Random(number)  # noqa: S311  # nothing is kept secret by it
        functions = self._project.functions
        files: Sequence[int] = range(len(self._names))
        if not self._project.size.whole:
            files = chance.sample(files, max(1, round(PART * len(files))))
        # Five or six of a function's ten lines run.
        count = functions if self._project.size.whole else SHARE * len(self._names) * functions / len(files) * 10 / 5.5
        return {file: self._cells(chance, min(functions, max(1, round(count)))) for file in files}

    def _cells(self, chance: random.Random, count: int) -> bytes:
        functions = [bytes(HEIGHT)] * self._project.functions
        for function in chance.sample(range(len(functions)), count):
            functions[function] = chance.choice(WAYS)
        return b"\0" + b"".join(functions)

    def _leave_data(self, every: Sequence[bytes]) -> None:
        data = CoverageData(basename=str(self._run.data_file), suffix=f"bench.pid{os.getpid()}.Xdata")
        half = str(self._project.root / "work" / protocol.CANARY)
        crossed = {line for lines in canary.expected().values() for line in lines}
        lines = {name: _lines(cells) for name, cells in zip(self._names, every, strict=True)}
        if self._mode.branch:
            data.add_arcs({name: list(_arcs(those)) for name, those in lines.items()})
            data.add_arcs({half: [(-1, line) for line in crossed]})
        else:
            data.add_lines(lines | {half: crossed})
        data.close()

    def _leave_record(self, witness_file: str) -> None:
        tracer = "CTracer" if self._mode.core == "ctrace" else "SysMonitor"
        concurrency = ["greenlet", "thread"] if tracer == "CTracer" else ["thread"]
        record = ProcessRecord(
            os.getpid(),
            role="server",
            python=sys.version,
            coverage=coverage.__version__,
            tracer=tracer,
            witness_file=witness_file,
        )
        how = {"concurrency": concurrency, "branch": self._mode.branch, "canary": "greenlet, thread"}
        Recorder(self._run.path, record).update(**how, witness="on", served=True, ended=True)


def _lines(cells: bytes) -> set[int]:
    return {line for line, ran in enumerate(cells) if ran}


def _arcs(lines: set[int]) -> Iterator[tuple[int, int]]:
    """The arcs between these lines that code made of FUNCTION can take."""
    for first in sorted(line for line in lines if line % HEIGHT == DEFINED):
        base = first - DEFINED
        yield (first, first + HEIGHT) if first + HEIGHT in lines else (first, -1)
        for one, other in ARCS:
            ends = [end for end in (one, other) if end > 0]
            if all(base + end in lines for end in ends):
                yield (base + one if one > 0 else -first, base + other if other > 0 else -first)
    yield (-1, min(lines))


def _in_a_fork(work: Callable[[], None]) -> None:
    """Call `work` in a process of its own, whose pid is in what it leaves; wait for its end."""
    pid = os.fork()
    if not pid:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    if code := os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        raise RuntimeError(f"a process that writes a run ended with exit code {code}")
