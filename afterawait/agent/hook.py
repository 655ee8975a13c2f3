"""The start hook: measures this process if its environment asks for it. Runs in every Python process, first of all.

An installed wheel brings it as `afterawait.pth` and, from Python 3.15 on, `afterawait.start` (PEP 829); a checkout also
has `sitecustomize.py`. All may be there: what they call works once. It must cost next to nothing where nobody asks, so
it imports nothing before it knows; it never prints, because tools parse what `python -c` says; and it never raises.
"""

import os

from afterawait import protocol

_started = False


def start() -> None:
    """Start what the environment asks for: a run's measurement, or coverage.py alone, or nothing.

    Which databases may be connected to is held where nothing is measured, too.
    """
    global _started  # noqa: PLW0603  # one process, one start
    measured, guarded = os.environ.get(protocol.RUN), os.environ.get(protocol.DATABASES)
    measured = os.environ.get(protocol.DROP) or measured
    if _started or not (measured or guarded or os.environ.get(protocol.COVERAGE_START)):
        return
    _started = True
    try:
        if guarded:
            from afterawait.agent import strangers

            strangers.begin()
        if measured and _has_place():
            from afterawait.agent import startup

            startup.begin()
        elif os.environ.get(protocol.COVERAGE_START):
            import coverage

            coverage.process_startup()  # a no-op where coverage's own .pth file came first
    except Exception:  # noqa: S110  # the verdict misses this process's record; the program must run
        pass


def _has_place() -> bool:
    """Whether there is a folder that the measurement goes to: a run's, or one below AFTERAWAIT_DROP."""
    if not os.environ.get(protocol.DROP):
        return True
    from afterawait.agent import drop

    return drop.begin()
