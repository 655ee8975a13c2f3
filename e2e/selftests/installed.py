"""Environments with the built wheel in them, outside the repository. Test process of the selftests."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from e2e.selftests.project import ROOT

TIMEOUT = 300  # to install: the packages may have to be downloaded
PINNED = re.compile(r"^[\w.-]+==[^\s;\\]+", re.MULTILINE)
OWN = re.compile(r"COVERAGE_|AFTERAWAIT_|PYTEST_|PYTHON|DATABASE_URL|VIRTUAL_ENV")


class Environment:
    """A virtual environment, made by `how`: venv, with pip in it, or uv."""

    def __init__(self, root: Path, how: str) -> None:
        self.root = root
        self.how = how

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.root / "bin" / "python"

    @property
    def packages(self) -> Path:
        """Where its packages are."""
        [found] = self.root.glob("lib/python*/site-packages")
        return found

    def make(self) -> None:
        """An empty one, as its user would make it."""
        if self.how == "uv":
            run(uv(), "venv", "--quiet", "--python", sys.executable, str(self.root))
        else:
            run(sys.executable, "-m", "venv", str(self.root))

    def install(self, *what: str) -> None:
        """Packages by name, in this checkout's versions, or files; `--no-deps` and the like too."""
        versions = self.root / "versions.txt"
        lock = "\n".join(PINNED.findall((ROOT / "requirements.lock").read_text(encoding="utf-8")))
        versions.write_text(lock, encoding="utf-8")
        if self.how == "uv":
            command = [uv(), "pip", "install", "--compile-bytecode", "--python", str(self.python)]
        else:
            command = [str(self.python), "-m", "pip", "install", "--disable-pip-version-check"]
        run(*command, "--quiet", "--constraint", str(versions), *what)
        versions.unlink()


def uv() -> str:
    """The one in this environment."""
    return str(Path(sys.executable).with_name("uv"))


def environ() -> dict[str, str]:
    """What a person's shell has: nothing of the process that tests, nor of its checkout."""
    return {name: value for name, value in os.environ.items() if not OWN.match(name)}


def run(*command: str, cwd: Path | None = None, timeout: float = TIMEOUT) -> str:
    """Run a command that must succeed; returns what it printed."""
    done = subprocess.run(command, cwd=cwd, env=environ(), capture_output=True, text=True, check=False, timeout=timeout)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def once(made: Path) -> Iterator[bool]:
    """Whether `made` is still to be made; the test processes of a session wait for whoever makes it."""
    made.parent.mkdir(parents=True, exist_ok=True)
    mark = made.with_name(f"{made.name}.made")
    with made.with_name(f"{made.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield not mark.exists()
        mark.touch()


def build(folder: Path) -> Path:
    """The wheel of this checkout, in `folder`."""
    with once(folder / "wheel") as needed:
        if needed:
            run(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder), cwd=ROOT)
    [wheel] = folder.glob("*.whl")
    return wheel


def environment(folder: Path, how: str, *what: str) -> Environment:
    """One of this kind with `what` installed, in `folder`; made by the first who asks."""
    made = Environment(folder / f"made by {how}", how)
    with once(made.root) as needed:
        if needed:
            made.make()
            made.install(*what)
    return made
