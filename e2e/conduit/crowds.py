"""Many callers at the same moment, a thread each; runs in the test process."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier


def all_at_once[T](callers: int, act: Callable[[int], T], *, within: float = 30) -> list[T]:
    """Let everybody act as soon as all are ready, and return the results in the callers' order."""
    ready = Barrier(callers, timeout=within)

    def take_part(number: int) -> T:
        ready.wait()
        return act(number)

    with ThreadPoolExecutor(callers) as crowd:
        return list(crowd.map(take_part, range(callers), timeout=within))
