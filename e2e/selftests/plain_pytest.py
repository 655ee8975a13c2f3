"""A project of somebody's on disk, and pytest as that person starts it. Test process of the selftests."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from e2e.selftests.project import TIMEOUT, Ended, environment

HELLO = Path(__file__).parent / "toys" / "hello"
PLUGIN = ("-p", "afterawait.plugin.hooks")
"""How a checkout that is not installed brings the plugin."""


def entry_point(folder: Path) -> str:
    """A path entry through which pytest finds the plugin's entry point, as in an environment it is installed in."""
    metadata = folder / "afterawait_entry_point-1.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: afterawait-entry-point\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[pytest11]\nafterawait = afterawait.plugin.hooks\n")
    return str(folder)


class Somebodys:
    """A project in `root`, with a copy of the toy in it unless it is to be empty."""

    def __init__(self, root: Path, *, toy: Path | None = HELLO) -> None:
        self.root = root
        self.python = sys.executable
        self.env: dict[str, str] = {}
        self._started: list[subprocess.Popen[str]] = []
        if toy is None:
            root.mkdir()
        else:
            shutil.copytree(toy, root, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))

    def write(self, name: str, text: str) -> None:
        """Write a file, its folders included."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Change a file's text in one place that must be there."""
        text = (self.root / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def start(self, *command: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start `python -m COMMAND`; its output is one stream."""
        process = subprocess.Popen(
            [self.python, *command],
            cwd=self.root,
            env=environment(self.env | dict(env or {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
        )
        self._started.append(process)
        return process

    def start_pytest(self, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
        """Start pytest with the plugin."""
        return self.start("-m", "pytest", *PLUGIN, *arguments, env=env)

    def pytest(self, *arguments: str, env: Mapping[str, str] | None = None) -> Ended:
        """Run it to its end."""
        return end(self.start_pytest(*arguments, env=env))

    def run(self, *arguments: str, env: Mapping[str, str] | None = None) -> Ended:
        """`afterawait run`, to its end."""
        return end(self.start("-m", "afterawait", "run", *arguments, env=env))

    def close(self) -> None:
        """Kill what a failed test left running."""
        for process in self._started:
            process.kill()
            process.communicate()


def end(process: subprocess.Popen[str]) -> Ended:
    """Wait for a process that was started here."""
    output, _ = process.communicate(timeout=TIMEOUT)
    return Ended(process.returncode, output)
