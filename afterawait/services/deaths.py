"""How processes end, for people. Test process, or a driver."""

from __future__ import annotations

import signal


def ending(code: int) -> str:
    """A process's exit code: "signal SIGKILL", "exit code 3"."""
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
