"""Ctrl-C and other requests to end, in the driver process: one KeyboardInterrupt, or passed on to pytest."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator
from types import FrameType

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """Handles the signals from its construction on. While pytest runs, `passed_to` tells it instead."""

    def __init__(self) -> None:
        self.passed_to: Callable[[], None] | None = None
        install(self._handle)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        if self.passed_to is None:
            raise KeyboardInterrupt
        self.passed_to()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Within it the signals wait."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, NUMBERS)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def install(handler: Callable[[int, FrameType | None], None]) -> None:
    """Let `handler` have the signals; SIGHUP stays ignored where nohup wants the run to outlive its terminal."""
    for number in NUMBERS:
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def release() -> None:
    """Let signals in again, in a process that was started while they were held."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, NUMBERS)


class Once:
    """A handler for drivers that have nothing more to do but stop: what follows saves, is bounded, and is let be.

    The KeyboardInterrupt is lost where it is raised in a finaliser: whoever loops for ever calls `look` in it.
    """

    def __init__(self) -> None:
        self.asked = False
        install(self._handle)

    def look(self) -> None:
        """Raise KeyboardInterrupt where somebody has asked to end."""
        if self.asked:
            raise KeyboardInterrupt

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        for number in NUMBERS:
            signal.signal(number, signal.SIG_IGN)
        self.asked = True
        raise KeyboardInterrupt
