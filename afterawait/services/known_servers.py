"""What is known of servers' ends, for the run that meets it. Test process, or a driver."""

from __future__ import annotations

GAPS = {
    "gunicorn": (
        "gunicorn kills a worker with SIGKILL when its --graceful-timeout (30 s) is over, and the application's "
        "shutdown does not run: close in the tests what they open, or allow more"
    ),
    "hypercorn": (
        "Hypercorn waits for open connections without end, whatever its graceful time-out: close in the tests what "
        "they open"
    ),
    "granian": (
        "Granian waits for its workers without end: close in the tests what they open, or give it "
        "--workers-kill-timeout, which kills them"
    ),
    "uvicorn": (
        "uvicorn waits for open requests without end: close in the tests what they open, or give it "
        "--timeout-graceful-shutdown"
    ),
}
"""By the name of the distribution; the first that a process names holds: gunicorn runs uvicorn, too."""


def gap(server: str) -> str:
    """What is known of the end of `server`, as a process's record names it ("gunicorn 27.0.1, uvicorn 0.54.0")."""
    names = [each.split()[0] for each in server.split(", ") if each]
    return next((GAPS[each] for each in GAPS if each in names), "")


def sentence(server: str) -> str:
    """The same as a sentence."""
    known = gap(server)
    return f"{known}." if known else "Let it end by itself when it is asked to."
