"""Named sessions as the page works with them: lines by the number of a file. Page process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from afterawait.explore.live import Lines
from afterawait.explore.sources import Source
from afterawait.reports import explored
from afterawait.reports.explored import KeptFile

LONGEST = 80
"""Characters of a session's name."""


def tidy(name: str) -> str:
    """A session's name as a person may write it: printable, trimmed, not too long. "" becomes "session"."""
    printable = "".join(each for each in name if each.isprintable()).strip()[:LONGEST].strip()
    return printable or "session"


class Sessions:
    """The sessions in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Every session that was kept, by name."""
        return explored.names(self.folder)

    def load(self, name: str, sources: Mapping[str, Source]) -> Lines:
        """A session's lines in the files that are still what they were; `sources` by name below the root."""
        try:
            kept = explored.read(self.folder, name)
        except (OSError, ValueError):
            return {}
        return {
            sources[file].number: set(each.lines)
            for file, each in kept.items()
            if file in sources and each.sha256 == sources[file].sha256
        }

    def forget(self, name: str) -> None:
        """Nothing is kept of it any more. Raises OSError where that cannot be."""
        explored.path_of(self.folder, name).unlink(missing_ok=True)

    def save(self, name: str, lines: Lines, files: Mapping[int, Source]) -> None:
        """Keep a session, whole or not at all. Raises OSError where that cannot be."""
        kept = {
            files[number].name: KeptFile(files[number].sha256, frozenset(ran))
            for number, ran in lines.items()
            if ran and number in files
        }
        explored.write(self.folder, name, kept)
