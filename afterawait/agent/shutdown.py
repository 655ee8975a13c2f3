"""How a server process ends: on request, when the test process is gone, and by force when it will not.

Runs in the server process and in uvicorn's workers. A stop is always SIGTERM to the process itself, which
uvicorn turns into a graceful stop. If that is not over in time (a thread that never returns, a blocked event
loop, a lifespan that hangs), the watchdog saves coverage.py's data once and leaves with protocol.FORCED.
"""

from __future__ import annotations

import atexit
import faulthandler
import multiprocessing
import os
import signal
import sys
import threading
from types import FrameType

from afterawait import protocol
from afterawait.agent import startup


class Watchdog:
    """Bounds the end of this process: `seconds` is how long a graceful stop may take once it is asked for.

    From its construction on, SIGTERM ends the process by SystemExit, so that atexit runs and coverage.py saves
    even without `sigterm = true` (uvicorn installs its own handler while it serves and raises the signal again
    afterwards). Its watch ends at atexit, just before coverage.py saves: a thread may hang until then.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._pid = os.getpid()
        self._timer: threading.Timer | None = None
        self._lock = threading.RLock()  # a second signal may come while the first one is being handled
        signal.signal(signal.SIGTERM, _leave)
        atexit.register(self._disarm)  # last in, first out: before coverage.py's own handler

    def arm(self) -> None:
        """Start the countdown; further calls change nothing, nor do those of a forked child: it is no server."""
        with self._lock:
            if self._timer is None and self._pid == os.getpid():
                self._timer = threading.Timer(self.seconds, self._force)
                self._timer.daemon = True
                self._timer.start()

    def stop_when_stdin_ends(self) -> None:
        """Stop at end-of-file on standard input, whose other end the test process holds."""
        threading.Thread(target=self._wait_for_stdin, name="afterawait-stdin", daemon=True).start()

    def stop_when_parent_ends(self) -> None:
        """Stop when the process that spawned this one is gone, kill -9 included."""
        threading.Thread(target=self._wait_for_parent, name="afterawait-parent", daemon=True).start()

    def _wait_for_stdin(self) -> None:
        try:
            while os.read(0, 4096):
                pass
        except OSError:
            pass  # a closed standard input means the same
        self._stop()

    def _wait_for_parent(self) -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            self._stop()

    def _disarm(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # nothing may break into the save that follows
        with self._lock:  # held for ever by a watchdog that is saving: two savers crash the interpreter
            if self._timer is not None:
                self._timer.cancel()

    def _stop(self) -> None:
        self.arm()
        os.kill(os.getpid(), signal.SIGTERM)

    def _force(self) -> None:
        self._lock.acquire()
        print(
            f"afterawait: not stopped after {self.seconds} s; forcing. What each thread does:",
            file=sys.stderr,
            flush=True,
        )
        faulthandler.dump_traceback(all_threads=True)
        startup.note(forced=True, sigterm=_taken_over())
        if startup.saving is not None:
            startup.saving.save()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(protocol.FORCED)


def _leave(_signum: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _taken_over() -> str:
    """The application's handler of SIGTERM, "" where that is the server's or ours."""
    handler = signal.getsignal(signal.SIGTERM)
    if getattr(handler, "__module__", "") == "asyncio.unix_events":
        return "by its event loop's add_signal_handler()"
    module = str(getattr(handler, "__module__", ""))
    code = getattr(handler, "__code__", None)
    if code is None or module.startswith(("uvicorn.", "afterawait.")):
        return ""
    return f"{code.co_qualname}, {code.co_filename}:{code.co_firstlineno}"
