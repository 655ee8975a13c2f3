"""What is known of servers' ends, for the run that meets it. Test process, or a driver."""

from __future__ import annotations

CLOSE = "close in the tests what they open"
KILLS = {
    "gunicorn": (
        "gunicorn kills a worker with SIGKILL when its --graceful-timeout (30 s) is over, and the application's "
        f"shutdown does not run: {CLOSE}, or allow more"
    ),
    "granian": f"Granian kills a worker when its --workers-kill-timeout is over: {CLOSE}, or allow more",
}
"""By the name of the distribution: why a worker was killed by its own server."""
WAITS = {
    "gunicorn": f"gunicorn allows requests its --graceful-timeout (30 s): {CLOSE}, or allow less",
    "hypercorn": f"Hypercorn waits for open connections without end, whatever its graceful time-out: {CLOSE}",
    "granian": f"Granian waits for its workers without end: {CLOSE}, or give it --workers-kill-timeout",
    "uvicorn": f"uvicorn waits for open requests without end: {CLOSE}, or give it --timeout-graceful-shutdown",
}
"""Why it did not end in time."""


def gap(server: str, known: dict[str, str]) -> str:
    """What is known of `server`, as a process's record names it: "gunicorn 27.0.1, uvicorn 0.54.0".

    The first of `known` that it names holds: gunicorn runs uvicorn, too.
    """
    names = [each.split()[0] for each in server.split(", ") if each]
    return next((known[each] for each in known if each in names), "")
