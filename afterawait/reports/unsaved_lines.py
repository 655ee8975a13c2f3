"""What only the witness knows: lines of processes whose coverage data are lost, by a kill mostly. Driver process.

Lines only, said beside the report: they never enter the combined data, and never count towards the gate.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from coverage import CoverageData

from afterawait import protocol, terminal
from afterawait.evidence.data_files import lines_in
from afterawait.evidence.line_sets import ranges

if TYPE_CHECKING:
    from afterawait.judge.verdict import Verdict

VERSION = 1  # of killed.json's format
SHOWN = 8


@dataclass
class UnsavedLines:
    """Lines by file name, of processes that left no whole data file."""

    processes: list[str] = field(default_factory=list)
    lines: dict[str, set[int]] = field(default_factory=dict)

    def add(self, judged: Verdict) -> None:
        """Take what a run's lost processes had run."""
        for record, witness in ((each.record, witness) for each in judged.killed for witness in each.witnesses):
            if witness.lines:
                self.processes.append(f"{record.role} {record.pid}")
                for name, lines in witness.lines.items():
                    self.lines.setdefault(name, set()).update(lines)

    def report(self, combined: CoverageData, folder: Path) -> None:
        """Say which lines no other process ran, and write all of them to killed.json in `folder`."""
        path = folder / protocol.UNSAVED
        path.unlink(missing_ok=True)
        if not self.processes:
            return
        only = {name: lines - lines_in(combined, name) for name, lines in sorted(self.lines.items())}
        only = {name: lines for name, lines in only.items() if lines}
        files = {
            name: {"ran": sorted(lines), "only here": sorted(only.get(name, ()))}
            for name, lines in sorted(self.lines.items())
        }
        everything = {"processes": self.processes, "files": files}
        path.write_text(json.dumps({"version": VERSION} | everything, indent=1), encoding="utf-8")
        count = sum(map(len, only.values()))
        who = ", ".join(self.processes[:SHOWN]) + ", ..." * (len(self.processes) > SHOWN)
        terminal.say("killed", f"{count} lines in {len(only)} files ran only where coverage data are lost: {who}")
        for name, lines in list(only.items())[:SHOWN]:
            print(f"{'':<12} {_short(name)}: {ranges(lines)}")
        print(f"{'':<12} lines only: killed before coverage.py could write it whole; not counted by the gate ({path})")


def _short(name: str) -> str:
    path = Path(name)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else name
