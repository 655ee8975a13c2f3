"""pytest-xprocess, as it is used here: without its own words. Test process, or a driver."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from xprocess import XProcess


class Quiet:
    """What pytest-xprocess says while it works is for its own developers."""

    def debug(self, message: str, *args: object) -> None:
        """Say nothing."""


def in_folder(path: Path) -> XProcess:
    """One whose processes have their logs in `path`."""
    import py.path

    path.mkdir(parents=True, exist_ok=True)
    return XProcess(SimpleNamespace(), py.path.local(str(path)), log=Quiet())  # noqa: PTH124  # what it works with
