"""A toy project on disk, run by the real driver as a process. Test process of the selftests.

Most selftests run the toy `small`, which imports hardly anything: a run starts three processes that import its
application. What loses lines elsewhere, an async SQLAlchemy session, is in `with_session`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

ROOT = Path(__file__).parents[2]
TOYS = Path(__file__).parent / "toys"
TIMEOUT = 60

NOT_INHERITED = re.compile(r"COVERAGE_|AFTERAWAIT_|PYTEST_|DATABASE_URL|PYTHONDONTWRITEBYTECODE")
FEWER_PLUGINS = {
    "PYTEST_ADDOPTS": "-p no:schemathesis -p no:randomly -p no:hypothesispytest -p no:asyncio -p no:rerunfailures"
    " -p no:anyio -p no:pytest-split"
}
"""Without what is installed here for a few tests: it takes pytest three times as long to start as it needs alone."""
ALL_PLUGINS = {"PYTEST_ADDOPTS": ""}


def environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a project's processes are started with: nothing of the process that tests them."""
    inherited = {name: value for name, value in os.environ.items() if not NOT_INHERITED.match(name)}
    return inherited | {"PYTHONPATH": str(ROOT)} | FEWER_PLUGINS | dict(env or {})


def application(toy: str = "small") -> str:
    """The source of a toy's application."""
    return (TOYS / toy / "toy" / "main.py").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Ended:
    """A driver's run that is over."""

    status: int
    output: str


class Project:
    """A toy project in a folder; change its files before running it."""

    def __init__(self, root: Path, toy: str = "small") -> None:
        """One of the folder `toys`; "" takes what lies in `root`."""
        self.root = root
        self.ended = Ended(0, "")  # its last `afterawait run`
        self._started: list[subprocess.Popen[str]] = []
        if toy:
            self._copy(toy)

    def _copy(self, toy: str) -> None:
        ignored = shutil.ignore_patterns("__pycache__", ".*_cache", ".afterawait")
        shutil.copytree(TOYS / toy, self.root, ignore=ignored, dirs_exist_ok=True)

    def with_session(self) -> Project:
        """Itself, its application now with an operation that awaits in greenlets, and tests of it."""
        self._copy("with_session")
        return self

    def copied(self, root: Path) -> Project:
        """A project in the empty place `root` as this one stands now, with the results of its runs."""
        shutil.copytree(self.root, root, symlinks=True)
        copy = Project(root, toy="")
        copy.ended = self.ended
        return copy

    @property
    def run_folder(self) -> Path:
        """Where the last run left its records and data files, judged or not."""
        return max(path.parent for path in self.root.glob(".afterawait/runs/*/run.json"))

    def write(self, name: str, text: str) -> Path:
        """Write a file, its folders included."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def replace(self, name: str, old: str, new: str) -> None:
        """Change a file's text in one place that must be there."""
        text = (self.root / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def environment(self, env: Mapping[str, str] | None = None) -> dict[str, str]:
        """What its processes are started with."""
        return environment(env)

    def start(
        self, *arguments: str, module: str = "run", env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start a driver in a process group of its own; its output is one stream.

        One test process, unless -n says otherwise or "--everything" leaves it to the driver.
        """
        plain = ["-n0"] if module == "run" and not {"-n", "--everything"} & set(arguments) else []
        given = [each for each in arguments if each != "--everything"]
        called = [module] if "." in module else ["afterawait", module]
        process = subprocess.Popen(
            [sys.executable, "-m", *called, *plain, *given],
            cwd=self.root,
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
        )
        self._started.append(process)
        return process

    def close(self) -> None:
        """Kill what a failed test left running: all that a driver started ends with it."""
        for process in self._started:
            process.kill()
            process.communicate()

    def run(self, *arguments: str, module: str = "run", env: Mapping[str, str] | None = None) -> Ended:
        """Run a driver to its end."""
        process = self.start(*arguments, module=module, env=env)
        output, _ = process.communicate(timeout=TIMEOUT)
        ended = Ended(process.returncode, output)
        if module == "run":
            self.ended = ended
        return ended

    def arcs(self) -> dict[str, set[tuple[int, int]]]:
        """The arcs of the application in the combined data, by file name below the root; see scripts/lib/arcs.py."""
        data = CoverageData(basename=str(self.root / ".coverage"))
        data.read()
        with closing(data):
            return {
                str(Path(name).relative_to(self.root)): {arc for arc in data.arcs(name) or () if arc[0] != -1}
                for name in data.measured_files()
                if Path(name).is_relative_to(self.root / "toy")
            }
