"""A program in a folder of its own, and what the process that runs it is measured and watched by. Proof process."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from coverage.exceptions import CoverageException

from afterawait import protocol, settings
from afterawait.evidence.identity import SourceTree
from afterawait.faults import Fault
from afterawait.judge import verdict
from afterawait.judge.cross_check import Agreement
from afterawait.judge.verdict import Verdict
from afterawait.mode import MeasurementMode
from afterawait.runs.folder import RunFolder
from afterawait.runs.manifest import Manifest
from e2e.proof import subjects

AGENT = (Path(__file__).parents[2],)
"""Where the start hook of the measured processes is found."""
DROPPED = ("COVERAGE_", "AFTERAWAIT_", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
"""How variables begin that would change what is measured."""
TIMEOUT = 60.0  # seconds, for the program
UNABLE = (Fault, OSError, RuntimeError, subprocess.SubprocessError, CoverageException)

PYPROJECT = '[tool.afterawait]\napp = "subject.main:app"\nsource = ["subject"]\ncoverage_config = "coverage.cfg"\n'


def as_this_project(mode: MeasurementMode) -> str:
    """The settings of coverage.py that this project measures with."""
    concurrency = "thread" if mode.monitored else "greenlet, thread"
    return f"branch = {mode.branch}\nconcurrency = {concurrency}\ncore = {mode.core}"


class Scene:
    """The folder; `run` is what the measured processes leave in it."""

    def __init__(self, folder: Path, how: str, texts: Mapping[str, str]) -> None:
        """Write it: `texts` are subject/main.py and what it needs beside it, `how` the settings of coverage.py."""
        config = f"[run]\nsource = subject\nparallel = true\n{how}\n"
        subjects.write(
            folder, {"pyproject.toml": PYPROJECT, "coverage.cfg": config, "subject/__init__.py": "", **texts}
        )
        self.folder = folder
        self.file = folder / "subject" / "main.py"
        self.run = RunFolder(folder / "run")
        self.run.path.mkdir()

    def environment(self, *path: Path, watched: bool = True) -> dict[str, str]:
        """Of the process: coverage.py's alone, or also what makes it one of a run that the witness watches."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
        measured = {
            "PYTHONPATH": os.pathsep.join(map(str, (self.folder, *path))),
            "ORACLE": str(self.folder / "heard"),
            protocol.COVERAGE_START: str(self.folder / "coverage.cfg"),
            protocol.COVERAGE_FILE: str(self.run.data_file),
        }
        ours = {
            protocol.RUN: str(self.run.path),
            protocol.ROLE: protocol.SERVER,
            protocol.SOURCE: str(self.file.parent),
        }
        return inherited | measured | (ours if watched else {})

    def judged(self, mode: MeasurementMode) -> tuple[Verdict, Manifest]:
        """What a run would say of what is in the folder, and the manifest that it has now."""
        manifest = Manifest.of(self.folder, ["subject"], mode, partial="", finished=True)
        self.run.write_manifest(manifest)
        source = settings.load(self.folder, {}).source
        return verdict.judge(self.run, manifest, SourceTree(self.folder, source), Agreement()), manifest


def in_threads[Cell, Outcome](
    cells: Iterable[Cell], place: Path, run: Callable[[Cell, Path], Outcome]
) -> Iterator[tuple[Cell, Outcome | str]]:
    """What came of each cell in an empty folder of its own below `place`, or why nothing, in their order."""

    def one(cell: Cell, folder: Path) -> Outcome | str:
        folder.mkdir(parents=True)
        try:
            return run(cell, folder.resolve())
        except UNABLE as error:
            return f"{type(error).__name__}: {error}"

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        running = [(cell, pool.submit(one, cell, place / str(number))) for number, cell in enumerate(cells)]
        for cell, done in running:
            yield cell, done.result()
