"""Which addresses are the run's own: ports of this machine, a line each. In measured processes.

    +41237    a server of the run is about to listen there
    -41237    it has ended: the port may be anybody's

The test process adds lines, each in one write: the lines of several test processes do not mix.
"""

from __future__ import annotations

import os
from pathlib import Path

from afterawait import protocol

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def note(run: Path, port: int, *, ended: bool = False) -> None:
    """Write down that the run has that port, or has it no more. Raises OSError."""
    file = os.open(run / protocol.ADDRESSES, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(file, f"{'-' if ended else '+'}{port}\n".encode())
    finally:
        os.close(file)


class Addresses:
    """Those of the run in `folder`, as they are now."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / protocol.ADDRESSES
        self._size = -1
        self._ports: set[int] = set()

    def include(self, host: str, port: int) -> bool:
        """Whether a server of the run listens there. Raises OSError where the run's folder is gone."""
        if host.strip("[]").lower() not in LOOPBACK:
            return False
        size = self._path.stat().st_size if self._path.exists() else 0
        if size != self._size:  # it only grows
            self._ports, self._size = self._read(), size
        return port in self._ports

    def _read(self) -> set[int]:
        ports: set[int] = set()
        for line in self._path.read_text(encoding="ascii").splitlines() if self._path.exists() else ():
            (ports.discard if line[0] == "-" else ports.add)(int(line[1:]))
        return ports
