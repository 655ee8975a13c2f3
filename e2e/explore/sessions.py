"""Named sessions: what a person reached, kept under `.e2e/sessions` for later comparison. Page process.

A session's lines are kept by file and by the file's content: a line number means nothing once the file has changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from e2e.explore.live import Lines
from e2e.explore.sources import Source

LONGEST = 80
"""Characters of a session's name."""


def tidy(name: str) -> str:
    """A session's name as a person may write it: printable, trimmed, not too long. "" becomes "session"."""
    printable = "".join(each for each in name if each.isprintable()).strip()[:LONGEST].strip()
    return printable or "session"


class Sessions:
    """The sessions in a folder, a JSON file each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        """Every session that was kept, by name."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                found.append(str(json.loads(path.read_text(encoding="utf-8"))["name"]))
        return found

    def load(self, name: str, sources: Mapping[str, Source]) -> Lines:
        """A session's lines in the files that are still what they were; `sources` by name below the root."""
        try:
            kept = json.loads(self._path(name).read_text(encoding="utf-8"))["files"]
            return {
                sources[file].number: set(map(int, each["lines"]))
                for file, each in kept.items()
                if file in sources and each["sha256"] == sources[file].sha256
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}

    def save(self, name: str, lines: Lines, files: Mapping[int, Source]) -> None:
        """Keep a session, whole or not at all. Raises OSError where that cannot be."""
        kept = {
            files[number].name: {"sha256": files[number].sha256, "lines": sorted(ran)}
            for number, ran in sorted(lines.items())
            if ran and number in files
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self._path(name)
        draft = path.with_suffix(f".{os.getpid()}.tmp")
        draft.write_text(json.dumps({"name": name, "files": kept}, ensure_ascii=False), encoding="utf-8")
        draft.replace(path)

    def _path(self, name: str) -> Path:
        quoted = quote(name, safe=" ")
        if len(quoted) > 100 or quoted.startswith("."):  # noqa: PLR2004  # file names end at 255 bytes
            quoted = quoted[:80].strip(".%") + hashlib.sha256(name.encode()).hexdigest()[:16]
        return self.folder / f"{quoted}.json"
