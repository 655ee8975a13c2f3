"""The programs that are measured in the proof, put together from the files of this folder. Proof process.

A program is one file where it runs: its parts stand one after the other, without the docstrings that say what they are.
What it needs around itself, recorder, start hook, guard and server, are files of their own there as well.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

KIND = re.compile(r'^@app\.(?:get|websocket)\("/([a-z-]+)"\)', re.MULTILINE)
WAITS = "idle"  # an endpoint that waits for the work behind the others' responses


def text(*names: str) -> str:
    """The source of these files, one after the other."""
    return "\n\n".join(map(_without_docstring, names))


def _without_docstring(name: str) -> str:
    source = (Path(__file__).parent / f"{name}.py").read_text(encoding="utf-8")
    opening = ast.parse(source).body[0].end_lineno
    return "\n".join(source.splitlines()[opening:]).lstrip("\n") + "\n"


def write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files by name, and make the folder that the oracle's recorder writes to."""
    for name, content in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    (folder / "heard").mkdir()


@dataclass(frozen=True)
class Program:
    """An application, and the paths of its endpoints, one a kind of work.

    `?turns=` 1 to 3 takes another way through most.
    """

    source: str
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, *names: str) -> Program:
        """Made of these files."""
        source = text(*names)
        return cls(source, tuple(kind for kind in KIND.findall(source) if kind != WAITS))


NARROW = Program.of("imports", "engine", "frame", "queries", "plain")
WIDE = Program.of("imports", "models", "frame", "refused", "queries", "plain", "more_queries")
CONTROL = Program.of("imports", "pool", "frame", "refused", "pool_queries", "plain")
"""Most of WIDE over asyncpg alone: nothing was ever lost there."""
FOUNDING, FOUNDING_CONTROL = text("founding"), text("founding_control")
"""The question's application; nothing is added to it. Each of its statements runs, in this order and once, or the
answer is not {"answer": 1}; so what must have been measured is known without asking any tracer."""
