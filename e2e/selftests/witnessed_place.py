"""Programs in witnessed processes of their own, on measured sources. Test process of the selftests."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

from afterawait import protocol
from afterawait.evidence import recordings
from afterawait.evidence.recordings import WitnessFile
from e2e.selftests.project import ROOT

WORK = """\
def work(flag):
    if flag:
        return "yes"
    return "no"
"""

TIMEOUT = 60


class Place:
    """A folder with a measured package, programs that use it, and what the witness wrote of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.run = root / "run"
        self.measured = root / "measured"
        for folder in (self.run, self.measured):
            folder.mkdir(parents=True)

    def source(self, name: str, text: str) -> Path:
        """Write a measured module."""
        path = self.measured / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def python(self, program: str, env: Mapping[str, str] | None = None) -> str:
        """Run a program (itself not measured) in a witnessed process; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program)],
            env=os.environ
            | {
                "AFTERAWAIT_RUN": str(self.run),
                "AFTERAWAIT_SOURCE": str(self.measured),
                "PYTHONPATH": f"{ROOT}{os.pathsep}{self.measured}",
            }
            | dict(env or {}),
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        full = [line for line in done.stderr.splitlines() if "No space left on device" not in line]
        assert (done.returncode, full) == (0, []), done.stderr
        return done.stdout

    def witnesses(self) -> list[WitnessFile]:
        """What was written, first process first."""
        return [recordings.read(path) for path in sorted(self.run.glob(protocol.WITNESS_FILES))]

    def lines(self) -> dict[str, set[int]]:
        """The lines that any process ran, by file name."""
        found: dict[str, set[int]] = {}
        for witness in self.witnesses():
            for name, lines in witness.lines.items():
                found.setdefault(Path(name).name, set()).update(lines)
        return found
