"""Print how the packages of the Python that runs this differ from a lock, one a line; nothing where they do not.

    .venv/bin/python scripts/lib/installed.py LOCK

Without one of those packages, `packaging`, it cannot say which lines of the lock are for this Python; then that one is
missing, and said to be. Only the standard library may be imported before that is known.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

PINNED = re.compile(r"^([\w.-]+)==([^\s;\\]+)(?:\s*;\s*([^\\\n]+))?", flags=re.MULTILINE)


def differences(lock: str) -> Iterator[str]:
    """What is missing, or is there in another version."""
    there = {_normal(each.name): each.version for each in distributions()}
    for name, version, marker in PINNED.findall(lock):
        found = there.get(_normal(name))
        if found == version or (marker and not _applies(marker)):
            continue
        yield f"{name}=={version} is missing" if found is None else f"{name} is {found}, not {version}"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _applies(marker: str) -> bool:
    try:
        from packaging.markers import Marker
    except ImportError:
        return False
    return Marker(marker).evaluate()


if __name__ == "__main__":
    for line in differences(Path(sys.argv[1]).read_text(encoding="utf-8")):
        print(line)
