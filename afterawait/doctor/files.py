"""Which files of a project are looked at: its Python files, and those that say how it is tested. Driver process."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 1.5  # seconds for all folders
MOST_FILES = 20_000
MOST_BYTES = 400_000
LEFT_OUT = {"__pycache__", "node_modules", "site-packages", "build", "dist", "htmlcov"}
ASIDE = {"docs", "doc", "example", "examples", "samples", "benchmarks", "vendor", "third_party"}
"""Folders whose programs are somebody else's, or for reading."""
TESTS = {"tests", "test", "testing", "e2e", "integration"}

NAMES = {"makefile", "gnumakefile", "justfile", "procfile", "tox.ini", "setup.cfg", "noxfile.py", "pytest.ini"}
NAMES |= {"pyproject.toml", ".gitlab-ci.yml", "azure-pipelines.yml", "hatch.toml", "tasks.py", ".travis.yml"}
FOLDERS = (".", "scripts", "bin", "ci", ".ci", ".circleci", ".github/workflows", "docker")
ENDS = (".sh", ".yml", ".yaml", ".mk")


@dataclass(frozen=True)
class Text:
    """A file that is read as text; `name` is its name below the root."""

    name: str
    text: str

    def lines_with(self, *words: str) -> Iterator[tuple[int, str]]:
        """The lines that hold all words, comments apart."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if all(word in line for word in words) and line.lstrip()[:1] != "#":
                yield number, line


def python_files(root: Path) -> tuple[list[Path], bool]:
    """The project's own, environments and what tools make apart, links not followed; whether these are all.

    Somebody may stand in a folder that is no project: the root of a disk, a home.
    """
    found: list[Path] = []
    deadline = time.monotonic() + PATIENCE
    for top, folders, names in os.walk(root):
        folders[:] = sorted(
            each
            for each in folders
            if each not in LEFT_OUT and not each.startswith(".") and not _is_environment(Path(top, each))
        )
        found += [Path(top, each) for each in sorted(names) if each.endswith(".py")]
        if len(found) > MOST_FILES or time.monotonic() > deadline:
            return found, False
    return found, True


def is_test(path: Path, root: Path) -> bool:
    """Whether a file is a test's, by its name or its folder's."""
    parts = path.relative_to(root).parts
    name = path.name
    by_name = name.startswith("test_") or name.endswith("_test.py") or name == "conftest.py"
    return by_name or not TESTS.isdisjoint(parts[:-1])


def is_aside(path: Path, root: Path) -> bool:
    """Whether a file is neither the application nor a test of it."""
    return not ASIDE.isdisjoint(path.relative_to(root).parts[:-1])


def texts(root: Path) -> list[Text]:
    """Files in which commands, variables and options of tests are written."""
    found = []
    for folder in FOLDERS:
        try:
            paths = sorted((root / folder).iterdir())
        except OSError:
            continue
        for path in paths:
            name = path.name.lower()
            if name in NAMES or name.endswith(ENDS) or name.startswith(("dockerfile", "compose")):
                text = read(path)
                if text:
                    found.append(Text(os.path.relpath(path, root), text))
    return found


def read(path: Path) -> str:
    """A text file, "" where there is none that can be read or it is too large to be one of these."""
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return ""
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ""


def is_folder(path: Path) -> bool:
    """Whether a folder is there, for names too that none can have, and places that may not be looked into."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _is_environment(folder: Path) -> bool:
    try:
        return (folder / "pyvenv.cfg").exists() or (folder / "conda-meta").exists()
    except OSError:  # /proc/1, say
        return True
