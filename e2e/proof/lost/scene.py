"""What a measured process needs around its program, as files in a folder of its own. Proof process.

No line of this project's agent or harness is among them: what is measured here is coverage.py, as anybody uses it.
"""

from __future__ import annotations

from pathlib import Path

from e2e.proof import oracle, subjects
from e2e.proof.lost.cells import WIDE, WITHOUT, Cell

SYSMON_BRANCHES = (3, 14)
# The Python from which coverage.py measures branches by sys.monitoring, right or wrong.

COVERAGERC = """\
[run]
source = subject
branch = {branch}
concurrency = {concurrency}
core = {core}
parallel = true
sigterm = true
"""
AROUND = {
    "oracle.py": "recorder",
    "sitecustomize.py": "start_hook",
    "guard.py": "guard",
    "serve.py": "serve",
    "in_process.py": "founding_in_process",
}
"""What each file around the program is in subjects/."""


def build(folder: Path, cell: Cell) -> str:
    """Write the files of `cell` into the empty `folder`; returns the program's source as it is measured."""
    alone = cell.libraries.sqlalchemy == WITHOUT
    if cell.case in WIDE:
        source = oracle.rewritten((subjects.CONTROL if alone else subjects.WIDE).source)
    else:
        source = subjects.FOUNDING_CONTROL if alone else subjects.FOUNDING
    branch = cell.setting.core != "sysmon" or cell.libraries.python >= SYSMON_BRANCHES
    setting = {"core": cell.setting.core, "concurrency": cell.setting.concurrency, "branch": str(branch).lower()}
    around = {path: subjects.text(name) for path, name in AROUND.items()}
    own = {"subject/__init__.py": "", "subject/main.py": source, ".coveragerc": COVERAGERC.format_map(setting)}
    subjects.write(folder, own | around)
    return source
