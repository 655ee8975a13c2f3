"""Services that are started and stopped here, without a run and without a server. Test process of the selftests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from afterawait import settings
from afterawait.runs import plain
from afterawait.services.stack import ServiceStack
from e2e.selftests.project import TOYS


def table(name: str, words: str = "", **keys: str) -> str:
    """The settings of one service; values as they are in TOML."""
    lines = {"name": f'"{name}"', "command": f'"python program.py {name} {words}"'} | keys
    return "[[tool.afterawait.services]]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())


class Services:
    """A project whose services are started in this process."""

    def __init__(self, root: Path) -> None:
        shutil.copytree(TOYS / "beside", root)
        self.root = root

    @contextmanager
    def started(self, *tables: str, measured: bool = False) -> Iterator[ServiceStack]:
        """These services until the end of the block. Raises Fault."""
        with (self.root / "pyproject.toml").open("a", encoding="utf-8") as file:
            file.write("\n".join(["", *tables]))
        known = settings.load(self.root, {})
        with plain.temporary(known.state) as run:
            stack = ServiceStack(known, run, measured=measured)
            try:
                stack.open()
                stack.beside.start("main", {})
                yield stack
            finally:
                stack.close()

    def notes(self) -> list[str]:
        """What they have noted so far."""
        path = self.root / "notes"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []
