"""Requests to end: Ctrl-C or kill unwinds pytest once, and a driven process ends with its driver. Test process."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

from afterawait import protocol, signals

REPEATING = 5.0  # seconds in which a busy machine has heeded the first


class InterruptOnce:
    """A signal handler: one KeyboardInterrupt, and none once `ending` is set.

    From then on nothing interrupts: what is left to do is bounded, and saves.
    """

    def __init__(self) -> None:
        self.ending = False
        self._last = 0.0

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """Unwind as for Ctrl-C; a second signal on its heels is the same wish, not another."""
        now = time.monotonic()
        repeated, self._last = now - self._last < 1, now
        if not repeated and not self.ending:
            raise KeyboardInterrupt

    def install(self) -> None:
        """Let in what the driver held back, and handle it."""
        signals.install(self)
        signals.release()

    @contextlib.contextmanager
    def besides_the_keyboard(self) -> Iterator[None]:
        """Within it, handle `kill` and the end of the terminal, if nobody else does; Ctrl-C is pytest's."""
        main = threading.current_thread() is threading.main_thread()  # others may set no handlers
        numbers = [each for each in (signal.SIGTERM, signal.SIGHUP) if main and _is_unhandled(each)]
        for number in numbers:
            signal.signal(number, self)
        try:
            yield
        finally:
            for number in numbers:
                signal.signal(number, signal.SIG_DFL)


def _is_unhandled(number: signal.Signals) -> bool:
    return signal.getsignal(number) is signal.SIG_DFL


def follow_driver() -> None:
    """End with the driver: its end of this pipe closes however it dies."""
    lifeline = os.environ.pop(protocol.LIFELINE, None)
    if lifeline is not None:

        def wait() -> None:
            with contextlib.suppress(OSError):
                os.read(int(lifeline), 1)
            while True:  # one that is raised in a finaliser is lost; once one has arrived, the others do nothing
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(REPEATING)

        threading.Thread(target=wait, name="afterawait-lifeline", daemon=True).start()
