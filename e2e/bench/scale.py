"""How the witness's own parts grow: to ask who ran a line, and to start with many files. Benchmark process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from e2e.agent.witness.layout import RowKind
from e2e.agent.witness.rows import Rows
from e2e.agent.witness.sources import Sources
from e2e.agent.witness.store import Store
from e2e.harness.lane import Lane
from e2e.harness.rundir import Manifest, RunFolder
from e2e.harness.witness.ran import who_ran

HOME = Path(__file__).parents[2]
TRIES = 5


@dataclass(frozen=True)
class Who:
    """Seconds to answer for one line and for the whole file, of `tests` tests that each ran all `lines` lines."""

    tests: int
    lines: int
    megabytes: float
    seconds_line: float
    seconds_file: float


def who(folder: Path, *, tests: int, lines: int) -> Who:
    """Write a witness file of that size in the empty `folder`, and ask it."""
    source = folder / "source" / "subject.py"
    source.parent.mkdir(parents=True)
    source.write_text("pass\n" * lines)
    run = RunFolder(folder / "run")
    run.path.mkdir()
    run.write_manifest(Manifest.of(folder, ["source"], Lane(), finished=True))
    rows = Rows(Store(run.path, "server"), Sources([str(source.parent)]), {})
    for number in range(tests):
        row = rows.row(RowKind.TEST, f"tests/test_subject.py::test_{number}")
        rows.missed(row, str(source), 1, 1)
        row[str(source)][1 : lines + 1] = b"\1" * lines
    size = sum(path.stat().st_size for path in run.path.iterdir()) / 1e6

    def asked(whole: bool) -> float:
        began = time.perf_counter()
        ran = who_ran(source, [run], source_lines=lines)
        found = ran.counts(lines)[1] if whole else len(ran.tests(1))
        taken = time.perf_counter() - began
        if found != tests:
            raise RuntimeError(f"{found} tests were found, not {tests}")
        return taken

    return Who(tests, lines, size, *(min(asked(whole) for _ in range(TRIES)) for whole in (False, True)))


@dataclass(frozen=True)
class Start:
    """Seconds of CPU to import `files` measured files, without the witness and with it."""

    files: int
    bare: float
    witness: float


def start(folder: Path, *, files: int) -> Start:
    """Write that many small modules into the empty `folder`, and import them all."""
    package = folder / "many"
    package.mkdir(parents=True)
    for number in range(files):
        (package / f"m{number}.py").write_text(f"def work():\n    return {number}\n\n\nworked = work()\n" * 3)
    (folder / "run").mkdir()
    program = f"""
import os
for number in range({files}):
    __import__(f"many.m{{number}}")
times = os.times()
print(times.user + times.system)
"""

    def spent(source: str) -> float:
        env = os.environ | {"PYTHONPATH": f"{HOME}{os.pathsep}{folder}", "E2E_RUN": str(folder / "run")}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, env=env | {"E2E_SOURCE": source}, capture_output=True, text=True, check=True)
        return float(done.stdout)

    spent("")  # the .pyc files
    pairs = [(spent(""), spent(str(package))) for _ in range(TRIES)]
    return Start(files, min(bare for bare, _ in pairs), min(witness for _, witness in pairs))
