"""The rewritten application as a project on disk, and measured servers of it. Proof process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from afterawait import mode, settings
from afterawait.runs import folder
from afterawait.runs.folder import RunFolder
from afterawait.runs.manifest import Manifest
from afterawait.services.server import Server
from afterawait.services.stack import ServiceStack
from afterawait.settings import Settings
from e2e.proof import oracle, subjects

PYPROJECT = """\
[tool.afterawait]
app = "subject.main:app"
source = ["subject"]
database = "sqlite+aiosqlite:"

[tool.afterawait.env]
DATABASE_URL = "{db.url}"
"""


class Stage:
    """A folder with the application, its rewritten source, and what the oracle hears."""

    def __init__(self, root: Path, *, fast: bool = False) -> None:
        self.root = root
        self.source = oracle.rewritten(subjects.NARROW.source)
        self.file = root / "subject" / "main.py"
        self.heard_in = root / "heard"
        for path, text in (
            (root / "pyproject.toml", PYPROJECT),
            (root / "oracle.py", subjects.text("recorder")),
            (root / "subject" / "__init__.py", ""),
            (self.file, self.source),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        self.heard_in.mkdir()
        self.mode = mode.choose(fast=fast)
        self.settings: Settings = settings.load(root, {})
        self.settings.state.mkdir()

    @contextlib.contextmanager
    def serving(self, *, workers: int = 1) -> Iterator[tuple[Server, RunFolder, ServiceStack]]:
        """A measured server; stopped at the end, so that its data are complete."""
        run = folder.fresh(self.settings.state, self.settings.grace)
        run.write_manifest(Manifest.of(self.root, self.settings.source, self.mode, finished=True))
        stack = ServiceStack(self.settings, run, measured=True, workers=workers)
        try:
            stack.open()
            env: Mapping[str, str] = {"ORACLE": str(self.heard_in)}
            yield stack.start("main", env=env), run, stack
        finally:
            stack.close()

    def heard(self) -> dict[int, list[int]]:
        """What the oracle was told so far: by pid, the lines in the order in which they ran."""
        found = {}
        for path in self.heard_in.iterdir():
            whole, _, _cut = path.read_bytes().rpartition(b"\n")
            found[int(path.name)] = [int(each) for each in whole.split(b"\n") if each]
        return found

    def forget(self) -> None:
        """Empty the oracle's files."""
        for path in self.heard_in.iterdir():
            os.truncate(path, 0)
