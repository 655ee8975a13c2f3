"""Room on the stack for the witness's callback, so that the application keeps all of its own. In measured processes.

A callback written in Python needs a frame where the application may just have used its last one; RecursionError would
then be raised into it, where it runs well without the witness.
"""

from __future__ import annotations

import sys

FRAMES = 60
"""The deepest that a callback calls: a file's first line, whose name coverage.py's matchers look at."""

_set = sys.setrecursionlimit
_get = sys.getrecursionlimit
_given = False


def give() -> None:
    """Raise the limit, once; the application sees and sets its own as before."""
    global _given  # noqa: PLW0603  # one interpreter, one limit
    if _given:
        return
    _given = True
    _set(_get() + FRAMES)

    def get_limit() -> int:
        return _get() - FRAMES

    def set_limit(limit: int) -> None:
        _set(limit + FRAMES if limit > 0 else limit)

    get_limit.__doc__, set_limit.__doc__ = _get.__doc__, _set.__doc__
    sys.getrecursionlimit, sys.setrecursionlimit = get_limit, set_limit
