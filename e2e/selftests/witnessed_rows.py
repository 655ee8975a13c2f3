"""A witness file written by the agent's own parts, without a process of its own. Test process of the selftests."""

from __future__ import annotations

from pathlib import Path

from afterawait import protocol
from afterawait.agent.witness.attribution import Attribution, Row
from afterawait.agent.witness.sources import Sources
from afterawait.agent.witness.writer import Writer

LINES = 60


def measured_sources(root: Path) -> Path:
    """A folder of measured sources, one file of LINES lines in it."""
    folder = root / "measured"
    folder.mkdir()
    (folder / "one.py").write_text("pass\n" * LINES)
    return folder


def rows_in(folder: Path, source: Path) -> Attribution:
    """Rows in a new witness file in `folder`."""
    return Attribution(Writer(folder, "server"), Sources([str(source)]), {})


def only_file(folder: Path) -> Path:
    """The one witness file in `folder`."""
    [path] = folder.glob(protocol.WITNESS_FILES)
    return path


def store(rows: Attribution, row: Row, filename: str, line: int) -> None:
    """What the LINE callback does."""
    try:
        row[filename][line] = 1
    except (KeyError, IndexError):
        rows.missed(row, filename, line, 1)
