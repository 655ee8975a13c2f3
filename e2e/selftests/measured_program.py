"""Programs in processes that coverage.py and the witness measure, and the records they left. Test process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from e2e.selftests.project import ROOT
from e2e.selftests.witnessed_place import TIMEOUT, Place

COVERAGERC = """\
[run]
branch = {branch}
concurrency = {concurrency}
core = {core}
parallel = true
source = {measured}
"""

BOOM = """
def boom(*arguments, **more):
    raise RuntimeError("boom")
"""
"""What a test puts in the place of what it makes fail."""


@dataclass
class Ended:
    """A program that is over, and the record that it left."""

    printed: list[str]
    errors: str
    record: dict[str, Any] = field(default_factory=dict)


def environment(place: Place, rcfile: Path) -> dict[str, str]:
    """Of a process that both recorders measure."""
    path = [str(ROOT), str(place.measured), os.environ.get("PYTHONPATH", "")]
    return os.environ | {
        "AFTERAWAIT_RUN": str(place.run),
        "AFTERAWAIT_SOURCE": str(place.measured),
        "COVERAGE_PROCESS_START": str(rcfile),
        "COVERAGE_FILE": str(place.run / ".coverage"),
        "PYTHONPATH": os.pathsep.join(each for each in path if each),
    }


def run(place: Place, program: str, core: str = "ctrace", **variables: str) -> Ended:
    """Run a program in a process that coverage.py and the witness measure; it must end well."""
    rcfile = place.root / "coveragerc"
    how = {"core": core, "concurrency": "greenlet, thread", "branch": "true"}
    if core == "sysmon":
        how |= {"concurrency": "thread", "branch": "false"}
    rcfile.write_text(COVERAGERC.format(measured=place.measured, **how), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=environment(place, rcfile) | variables,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    records = sorted(place.run.glob("process-*.json")) if place.run.is_dir() else []
    record = json.loads(records[0].read_text()) if records else {}
    return Ended(done.stdout.splitlines(), done.stderr, record)
