"""The keys of servers that a command of this checkout started, by URL, so that tests against one are credited.

`keys.json` in a run's folder, for its owner's eyes alone. Written by whoever starts a server, read by the driver or
the test process that AFTERAWAIT_BASE_URL sends there.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from afterawait import protocol


def note(run: Path, url: str, key: str) -> None:
    """Write down the key of the server at `url`. Raises OSError."""
    keys = _read(run) | {url: key}
    path = run / protocol.KEYS
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(keys), encoding="utf-8")
    draft.replace(path)


def find(root: Path, url: str) -> str | None:
    """The key of the server at `url`, if `serve` or `explore` of the project at `root` started it."""
    state = root / protocol.STATE
    newest_first = sorted((state / protocol.RUNS).glob("*"), reverse=True)
    for run in (*newest_first, state / protocol.EXPLORED / protocol.RUN_FOLDER):
        if key := _read(run).get(url):
            return key
    return None


def _read(run: Path) -> dict[str, str]:
    try:
        keys = json.loads((run / protocol.KEYS).read_text(encoding="utf-8"))
        return {str(url): str(key) for url, key in keys.items()}
    except (OSError, ValueError, AttributeError):
        return {}
