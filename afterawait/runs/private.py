"""Files and folders for their owner's eyes alone: what a person did in a session. Driver's process, and the page's."""

from __future__ import annotations

import os
from pathlib import Path

FILE, FOLDER = 0o600, 0o700


def folder(path: Path) -> None:
    """Make a folder, or close the one that is there. Raises OSError."""
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(FOLDER)


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all. Raises OSError."""
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.unlink(missing_ok=True)  # of a killed process that had this number, and another mode
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE)
    with os.fdopen(file, "w", encoding="utf-8") as opened:
        opened.write(text)
    draft.replace(path)
