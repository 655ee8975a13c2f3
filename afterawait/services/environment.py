"""The environment of measured processes, made in one place. Driver and test process.

Server, workers, setup command and test runner get it; PostgreSQL and other tools never do.
"""

from __future__ import annotations

import os
from pathlib import Path

from afterawait import protocol
from afterawait.runs.folder import RunFolder
from afterawait.settings import Settings

# Each would change what is measured, or where to: another tool's serialised configuration, another data file.
# PYTHONDONTWRITEBYTECODE costs every start 2 to 3 s of CPU.
DROPPED = (
    protocol.COVERAGE_CONFIG,
    protocol.COVERAGE_START,
    "PYTHONDONTWRITEBYTECODE",
    protocol.ROLE,
    protocol.RUN,
    protocol.SOURCE,
)

HOME = Path(__file__).parents[2]  # where the agent and sitecustomize.py are


def of_process(given: Settings, run: RunFolder, *, role: str, measured: bool) -> dict[str, str]:
    """Variables for a process of `role`, measured by coverage.py and the witness or by neither.

    In one that is not measured the start hook stays inert.
    """
    root = given.root
    environment = {name: value for name, value in os.environ.items() if name not in DROPPED}
    path = [str(root), str(HOME), environment.get("PYTHONPATH", "")]
    environment |= {
        "PYTHONPATH": os.pathsep.join(entry for entry in dict.fromkeys(path) if entry),
        "PYTHONUNBUFFERED": "1",
    }
    if measured:
        environment[protocol.ROLE] = role
        environment[protocol.RUN] = str(run.path)
        environment[protocol.SOURCE] = os.pathsep.join(str(root / folder) for folder in given.source)
        environment[protocol.COVERAGE_START] = str(given.rcfile.absolute())
        environment[protocol.COVERAGE_FILE] = str(run.data_file)
    return environment
