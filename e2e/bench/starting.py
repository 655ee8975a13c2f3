"""What it costs a process to start with thousands of measured files. Benchmark process."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).parents[2]
TRIES = 5


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
        env = os.environ | {"PYTHONPATH": f"{HOME}{os.pathsep}{folder}", "AFTERAWAIT_RUN": str(folder / "run")}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [sys.executable, "-c", program]
        done = subprocess.run(
            command, env=env | {"AFTERAWAIT_SOURCE": source}, capture_output=True, text=True, check=True
        )
        return float(done.stdout)

    spent("")  # the .pyc files
    pairs = [(spent(""), spent(str(package))) for _ in range(TRIES)]
    return Start(files, min(bare for bare, _ in pairs), min(witness for _, witness in pairs))
