"""What a start costs: of a process with thousands of measured files, and of the command itself. Benchmark process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from e2e.bench.rounds import spread

HOME = Path(__file__).parents[2]
TRIES = 5
HELP_TRIES = 15
MODULE = "def work():\n    return 1\n\n\nworked = work()\n" * 3
IMPORT_ALL = """
import os
for number in range({files}):
    __import__(f"many.m{{number}}")
times = os.times()
print(times.user + times.system)
"""


@dataclass(frozen=True)
class Start:
    """Seconds of CPU to import `files` measured files, without the witness and with it; seconds on the clock that
    `afterawait --help` takes over a bare interpreter (median and quartiles), and that the latter takes."""

    files: int
    bare: float
    witness: float
    help: tuple[float, float, float]
    interpreter: float


def measure(folder: Path, *, files: int) -> Start:
    """Write that many small modules into the empty `folder`, and import them all; ask for help."""
    package = folder / "many"
    package.mkdir(parents=True)
    for number in range(files):
        (package / f"m{number}.py").write_text(MODULE)
    (folder / "run").mkdir()
    env = os.environ | {"PYTHONPATH": f"{HOME}{os.pathsep}{folder}", "AFTERAWAIT_RUN": str(folder / "run")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)

    def spent(source: str) -> float:
        command = [sys.executable, "-c", IMPORT_ALL.format(files=files)]
        variables = env | {"AFTERAWAIT_SOURCE": source}
        return float(subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout)

    spent("")  # the .pyc files
    pairs = [(spent(""), spent(str(package))) for _ in range(TRIES)]
    asked = [(_taken("-c", "pass"), _taken("-m", "afterawait", "--help")) for _ in range(HELP_TRIES)][1:]
    return Start(
        files,
        min(bare for bare, _ in pairs),
        min(witness for _, witness in pairs),
        spread([answer - bare for bare, answer in asked]),
        spread([bare for bare, _ in asked])[0],
    )


def _taken(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=HOME, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began
