"""Values that files beside the source give to variables: .env, and the examples of it. Driver process."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from afterawait.adoption.project import Project

LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$")
READERS = ("dotenv", "decouple", "environs", "import Config")
"""What in a module says that it reads .env without naming it."""
EXAMPLES = (
    *(".env.example", ".env.sample", ".env.template", ".env.dist", ".env-example", ".env-sample", "env.example"),
    *("example.env", ".env.test", ".env.ci", ".env.dev", ".env.local.example"),
)


def read(path: Path) -> dict[str, str]:
    """The names and values of one file."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    found = [match for line in text.splitlines() if (match := LINE.match(line))]
    return {match[1]: _plain(match[2]) for match in found}


def _plain(value: str) -> str:
    if value[:1] in {"'", '"'} and value.find(value[0], 1) > 0:
        return value[1 : value.find(value[0], 1)]
    return re.split(r"\s+#", value)[0].strip()


def examples(project: Project) -> dict[str, str]:
    """What committed examples say, those of the project before those of the folder above it."""
    found: dict[str, str] = {}
    for folder in _folders(project):
        for path in (folder / name for name in EXAMPLES):
            if path.is_file() and not _is_ignored(path):
                found = read(path) | found
    return found


def standing(project: Project, named: Iterable[str]) -> dict[str, str]:
    """What is set by .env files that the application reads, wherever it runs: those that git does not ignore."""
    found: dict[str, str] = {}
    for path in (project.root / name for name in named):
        if path.is_file() and not _is_ignored(path):
            found |= read(path)
    return found


def local(project: Project, named: Iterable[str]) -> dict[str, str]:
    """What all .env files set, those of this machine alone too."""
    found: dict[str, str] = {}
    for path in (project.root / name for name in named):
        found |= read(path)
    return found


def _folders(project: Project) -> list[Path]:
    above = [project.root.parent] if not (project.root / ".git").exists() else []
    return [project.root, *(project.root / each for each in project.members), *above]


def _is_ignored(path: Path) -> bool:
    git = shutil.which("git")
    if git is None:
        return False
    done = subprocess.run(
        [git, "check-ignore", "--quiet", path.name],
        cwd=os.path.realpath(path.parent),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0
