"""The Python that a project's tests run in, and its answer: a process of its own, in that Python. Driver process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from afterawait import protocol
from afterawait.faults import EnvironmentFault

LOOK = Path(__file__).parent / "inside" / "look.py"
PATIENCE = 15.0  # seconds; it takes one
NAMES = (
    *("coverage", "pytest-cov", "covdefaults", "sqlalchemy", "greenlet", "aiosqlite", "gevent", "eventlet"),
    *("uvicorn", "uvicorn-worker", "gunicorn", "granian"),
)


@dataclass(frozen=True)
class Python:
    """An interpreter, what people know it by, and why it was taken."""

    path: str
    name: str


@dataclass
class Answer:
    """What look.py has written: each part may be missing where that Python could not say it."""

    values: Mapping[str, Any] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Any:
        return self.values.get(name)

    def option(self, name: str) -> Any:
        """One of coverage.py's [run] options as its own classes read it."""
        return (self.values.get("options") or {}).get(name)

    def version(self, name: str) -> tuple[int, ...]:
        """Of an installed distribution; () where it is not installed."""
        text = (self.values.get("versions") or {}).get(name, "")
        return tuple(int(each) for each in text.split(".")[:3] if each.isdigit())


def python_of(root: Path, named: str | None) -> Python:
    """The one that is named; else the environment beside the project, or an active one; else this one.

    This one comes first where it is the active environment. Raises EnvironmentFault where the named one is none.
    """
    if named:
        return Python(_checked(named), named)
    beside = root / ".venv" / "bin" / "python"
    active = os.environ.get("VIRTUAL_ENV", "")
    layered = any(_is_below(each, root / ".venv") for each in sys.path)  # `uv run --with` puts itself above it
    ours = active and _same(active, sys.prefix) and not layered
    if beside.exists() and not ours and not _same(str(root / ".venv"), sys.prefix):
        return Python(str(beside), ".venv/bin/python")
    other = Path(active, "bin", "python")
    if active and not _same(active, sys.prefix) and other.exists():
        return Python(str(other), str(other))
    return Python(
        sys.executable, os.path.relpath(sys.executable, root) if _is_below(sys.executable, root) else sys.executable
    )


class Look:
    """look.py at work; it is started by the constructor, and ended with the block at the latest."""

    def __init__(self, python: Python, root: Path, asked: Mapping[str, Any]) -> None:
        try:
            self._scratch = tempfile.TemporaryDirectory(prefix="afterawait-doctor-", ignore_cleanup_errors=True)
            self._start(python, root, asked)
        except OSError as error:  # no room, no temporary folder, no program
            message = f"{python.name} cannot be started here: {error}."
            raise EnvironmentFault(message, hint="Name the Python that your tests run in with --python.") from None

    def _start(self, python: Python, root: Path, asked: Mapping[str, Any]) -> None:
        folder = os.path.realpath(self._scratch.name)
        self._answer = Path(folder, "answer.json")
        self._errors = Path(folder, "errors")
        payload = {
            "into": str(self._answer),
            "scratch": folder,
            "canary": protocol.CANARY,
            "root": str(root),
            "names": NAMES,
            **asked,
        }
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [python.path, "-B", str(LOOK), json.dumps(payload)],
                cwd=root,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                process_group=0,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._scratch.cleanup()

    def answer(self) -> Answer:
        """Wait for it. Raises EnvironmentFault where that Python says nothing."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
        try:
            return Answer(json.loads(self._answer.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            words = self._errors.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-5:]
            message = "The project's Python did not answer" + (
                f" within {PATIENCE:g} s."
                if self._process.returncode is None
                else f": it ended with {self._process.returncode}."
            )
            hint = "Name the Python that your tests run in: afterawait doctor --python .venv/bin/python"
            raise EnvironmentFault(message, hint=hint, detail="\n".join(words)) from None


def _environment() -> dict[str, str]:
    """The shell's, without what would measure look.py itself."""
    ours = {protocol.COVERAGE_START, protocol.COVERAGE_CONFIG, protocol.COVERAGE_FILE, protocol.RUN}
    return {name: value for name, value in os.environ.items() if name not in ours}


def _checked(path: str) -> str:
    """The absolute name of an interpreter; an environment's folder names its own."""
    found = Path(path).absolute()
    if found.is_dir():
        found = found / "bin" / "python"
    if not (found.is_file() and os.access(found, os.X_OK)):
        message = f"--python names {path}, which is no Python here."
        raise EnvironmentFault(message, hint="Name the Python that your tests run in: --python .venv/bin/python")
    return str(found)


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)


def _is_below(path: str, folder: Path) -> bool:
    return Path(path).is_absolute() and Path(path).is_relative_to(folder)


def packages(root: Path, files: Iterable[Path]) -> list[str]:
    """The folders at the root, or in src, that hold the project's own modules; the largest first."""
    counts: dict[str, int] = {}
    for path in files:
        parts = path.relative_to(root).parts
        first = "/".join(parts[: 2 if parts[0] == "src" else 1])
        if len(parts) > (2 if parts[0] == "src" else 1):
            counts[first] = counts.get(first, 0) + 1
    return sorted(counts, key=lambda each: (-counts[each], each))
