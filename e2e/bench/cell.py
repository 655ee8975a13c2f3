"""What the second half of a run of one size costs: a process of its own, so that its peak of memory is told apart.

python -m e2e.bench.cell FOLDER SIZE      SIZE as JSON; prints what it took, as JSON
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from afterawait import protocol, settings
from afterawait.faults import Fault
from afterawait.reports import pipeline
from e2e.bench.synthetic import HEIGHT, Project, Size

GIGABYTE = 1 << 30
PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
LINE = 2  # in the middle of the first function


@dataclass(frozen=True)
class Took:
    """Megabytes, and seconds of wall time: `verdict`, `combine` and `reports` as scripts/e2e.sh tells them.

    `reports` are all that it writes: the table, HTML with each line's tests, XML, JSON and LCOV. `who` is the whole of
    `scripts/who.sh FILE:LINE` but the shell. `peak_mb` is the memory of the process that did all but `who`.
    """

    witness_mb: float
    verdict: float
    combine: float
    reports: float
    who: float
    peak_mb: float


def measure(folder: Path, size: Size) -> Took:
    """Write a run of that size into the empty `folder`, then judge, combine and report it, and ask it."""
    project = Project(folder, size)
    project.write()
    os.chdir(folder)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        findings, spent = pipeline.conclude(settings.load(folder, {}), project.runs, into=_into(project))
    if findings:
        raise RuntimeError(f"the run that was made up is not believed: {findings[0].message} {findings[0].detail}")
    return Took(
        witness_mb=sum(path.stat().st_size for each in project.runs for path in each.path.glob(protocol.WITNESS_FILES))
        / 1e6,
        verdict=spent["verdict"],
        combine=spent["combine"],
        reports=spent["reports"],
        who=_who(),
        peak_mb=_peak(),
    )


def _into(project: Project) -> Path | None:
    """Where the reports of several runs go."""
    if project.size.shards == 1:
        return None
    reports = project.root / protocol.STATE / protocol.RUNS / "reports"
    reports.mkdir()
    return reports


def _peak() -> float:
    """Of this process alone: getrusage's begins with what it was forked from. 0 where the system does not tell."""
    status = Path("/proc/self/status")
    found = PEAK.search(status.read_text(encoding="utf-8")) if status.exists() else None
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def _who() -> float:
    began = time.perf_counter()
    command = [sys.executable, "-m", "afterawait", "who", f"work/m0.py:{HEIGHT + LINE}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main(given: Sequence[str]) -> int:
    """Measure and print. Exit status 4: there was not enough memory, said on stderr."""
    folder = Path(given[0])
    size = Size(**json.loads(given[1]))
    most = int(given[2]) * GIGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        print(json.dumps(asdict(measure(folder, size))))
    except MemoryError:
        print(f"it takes more than {given[2]} GB of memory", file=sys.stderr)
        return Fault.status
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
