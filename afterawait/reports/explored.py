"""Explored sessions on disk, `.afterawait/sessions`: a JSON file each. Driver process, and the page's.

The page writes them, reports are shown beside them.

A session's lines are kept by file and by the file's content: a line number means nothing once the file has changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from coverage import CoverageData

from afterawait import protocol, terminal
from afterawait.evidence.data_files import lines_in
from afterawait.evidence.line_sets import ranges
from afterawait.faults import EnvironmentFault
from afterawait.runs import private

VERSION = 1
"""Of the format; a session of 0.1, which did not say it, is the same."""
LONGEST_FILE_NAME = 100
SHOWN = 8


@dataclass(frozen=True)
class KeptFile:
    """The lines of one file that a session ran, as the file was then."""

    sha256: str
    lines: frozenset[int]


def names(folder: Path) -> list[str]:
    """Every session in `folder`, by name."""
    found = []
    for path in sorted(folder.glob("*.json")):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            found.append(str(json.loads(path.read_text(encoding="utf-8"))["name"]))
    return found


def read(folder: Path, name: str) -> dict[str, KeptFile]:
    """A session's files by their name below the root. Raises ValueError or OSError where there is none to be read."""
    try:
        raw = json.loads(path_of(folder, name).read_text(encoding="utf-8"))
        if (version := raw.get("version", 1)) != VERSION:
            raise ValueError(f"session {name!r} has version {version} of the format, and this is {VERSION}")
        kept = raw["files"]
        return {file: KeptFile(each["sha256"], frozenset(map(int, each["lines"]))) for file, each in kept.items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no session: {error}") from None


def write(folder: Path, name: str, files: Mapping[str, KeptFile]) -> None:
    """Keep a session, whole or not at all. Raises OSError where that cannot be."""
    kept = {file: {"sha256": each.sha256, "lines": sorted(each.lines)} for file, each in sorted(files.items())}
    private.folder(folder)
    text = json.dumps({"version": VERSION, "name": name, "files": kept}, ensure_ascii=False)
    private.write(path_of(folder, name), text)


def path_of(folder: Path, name: str) -> Path:
    """Where a session is kept, whatever its name: slashes, dots and emoji included."""
    quoted = quote(name, safe=" ")
    if len(quoted) > LONGEST_FILE_NAME or quoted.startswith("."):
        quoted = quoted[:80].strip(".%") + hashlib.sha256(name.encode()).hexdigest()[:16]
    return folder / f"{quoted}.json"


def report(root: Path, name: str, combined: CoverageData) -> None:
    """Say which lines only a session ran, beside a report: never in its data, never in its gate.

    Raises EnvironmentFault where there is no such session.
    """
    folder = root / protocol.STATE / protocol.SESSIONS
    try:
        kept = read(folder, name)
    except (OSError, ValueError):
        known = ", ".join(names(folder)) or "none yet"
        hint = f"Make one with `afterawait explore --session NAME`; there are: {known}."
        raise EnvironmentFault(f"There is no session {name!r} to show beside the report.", hint=hint) from None
    only = {}
    for file, each in kept.items():
        with contextlib.suppress(OSError):
            unchanged = hashlib.sha256((root / file).read_bytes()).hexdigest() == each.sha256
            lines = each.lines - lines_in(combined, str((root / file).resolve())) if unchanged else frozenset()
            if lines:
                only[file] = set(lines)
    count = sum(map(len, only.values()))
    terminal.say(
        "session", f"{name}: {count} lines in {len(only)} files ran in it and in no test; not counted by the gate"
    )
    for file, found in list(only.items())[:SHOWN]:
        print(f"{'':<12} {file}: {ranges(found)}")
