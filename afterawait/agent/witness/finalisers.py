"""How many garbage collections there were: what finalisers run in them may be unseen. In measured processes.

Since Python 3.12 a collection runs at the next check of the evaluation loop, which is the first instruction of a
recorder's callback more often than not: events are off there, and no recorder is told what `__del__` and weakref
callbacks run. No callback that is written in Python can help it. Nor is it counted one by one: gc.callbacks are
Python too, so that a signal handler of the application may be called in them, and what it raises be swallowed.
"""

from __future__ import annotations

import gc


def collections() -> int:
    """Those of this process so far, 0 where none has found garbage."""
    stats = gc.get_stats()
    found = any(each["collected"] or each["uncollectable"] for each in stats)
    return sum(each["collections"] for each in stats) if found else 0
