"""Toys in which coverage.py really loses lines, what the doctor says of them, and its lines applied. Test process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from coverage import CoverageData

from e2e.selftests.plain_pytest import Somebodys
from e2e.selftests.project import TIMEOUT, environment


class Patient(Somebodys):
    """A copy of a toy: `shop/` with its lines marked that run, and `tests/drive.py` that runs them."""

    def ask(self, *options: str, status: int, env: dict[str, str] | None = None) -> dict[str, Any]:
        """What the doctor says, for a machine; it must end with `status`."""
        done = self._python("-m", "afterawait", "doctor", "--json", *options, env=env)
        assert done.returncode == status, done.stdout + done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        assert answer["status"] == status
        return answer

    def say(self, *options: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """What it says to people."""
        return self._python("-m", "afterawait", "doctor", *options, env=env)

    def apply(self, edits: Sequence[dict[str, Any]]) -> None:
        """Write the lines as a person would who reads where each belongs."""
        for name in {each["file"] for each in edits}:
            path = self.root / name
            lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
            placed = [each for each in edits if each["file"] == name and each["first"]]
            placed.reverse()  # upwards, and what goes to one place keeps its order
            for each in sorted(placed, key=lambda one: -int(one["first"])):
                lines[each["first"] - 1 : each["last"]] = each["text"].splitlines()
            new = [each for each in edits if each["file"] == name and not each["first"]]
            for header in dict.fromkeys(each["section"] for each in new):
                lines += ["", header, *(each["text"] for each in new if each["section"] == header)]
            self.write(name, "\n".join(lines) + "\n")

    def measure(self) -> tuple[dict[str, set[int]], dict[str, set[tuple[int, int]]]]:
        """Run the test under coverage.py with the toy's own settings; the lines and arcs of each file below the root.

        Of all data files that lie there in the end, as `coverage combine` takes them.
        """
        for old in self.root.glob(".coverage*"):
            if old.name not in {".coveragerc", ".coveragerc.toml"}:
                old.unlink()
        done = self._python("-m", "coverage", "run", "-m", "tests.drive")
        assert done.returncode == 0, done.stdout + done.stderr
        lines: dict[str, set[int]] = {}
        arcs: dict[str, set[tuple[int, int]]] = {}
        for path in self.root.glob(".coverage*"):
            if path.name in {".coveragerc", ".coveragerc.toml"}:
                continue
            with closing(CoverageData(basename=str(path))) as data:
                data.read()
                for name in data.measured_files():
                    short = os.path.relpath(name, os.path.realpath(self.root))
                    lines.setdefault(short, set()).update(data.lines(name) or ())
                    arcs.setdefault(short, set()).update(data.arcs(name) or ())
        return lines, arcs

    def lost(self) -> dict[str, list[int]]:
        """The marked lines that coverage.py reports as missed, by file."""
        executed, _ = self.measure()
        found = {}
        for path in sorted((self.root / "shop").rglob("*.py")):
            name = path.relative_to(self.root).as_posix()
            lines = path.read_text(encoding="utf-8").splitlines()
            ran = {number for number, line in enumerate(lines, 1) if line.endswith("# ran")}
            if missed := sorted(ran - executed.get(name, set())):
                found[name] = missed
        return found

    def _python(self, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *arguments]
        more = environment(self.env | (env or {}))
        return subprocess.run(
            command, cwd=self.root, env=more, capture_output=True, text=True, check=False, timeout=TIMEOUT
        )


def findings(answer: dict[str, Any], level: str = "wrong") -> dict[str, list[str]]:
    """What was found, by the check's name."""
    found = {
        each["name"]: [one["what"] for one in each["findings"] if one["level"] == level] for each in answer["checks"]
    }
    return {name: whats for name, whats in found.items() if whats}
