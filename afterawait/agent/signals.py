"""The application's signal handlers, called as if no recorder were there. In measured processes.

Python calls a handler at the next check of its evaluation loop. That is the first instruction of a recorder's callback
more often than not, and while a callback runs nothing is reported to any recorder; what the handler raises there might
be taken for the callback's own. So signal.signal() gives Python a relay, which sees where it broke in.
signal.getsignal() answers as if there were none.

A default action that would end the process is relayed too, for saving.py to save first.
"""

from __future__ import annotations

import _thread
import contextlib
import opcode
import signal
import sys
import weakref
from collections.abc import Callable
from functools import partial
from types import BuiltinFunctionType, CodeType, FrameType
from typing import Any
from weakref import WeakKeyDictionary

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGABRT)
"""What ends a process by default, and may be sent to end it."""
AT_ONCE = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""Those whose default action is Python's own as well."""
DEEPEST = 60
"""Frames that a callback may have above its own: coverage.py's matchers, and os.path below them."""
RESUME = opcode.opmap["RESUME"]

Handler = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None

callbacks: set[CodeType] = set()
"""The code of the witness's callbacks."""
unseen: dict[str, int] = {}
"""How often a handler was called inside coverage.py's own code, where nothing is recorded: "name (file:line)"."""

_signal = signal.signal
_getsignal = signal.getsignal
_waiting: list[BaseException] = []


class _Relay:
    """Calls a handler of the application's, with recording on and for the frame that it would see without us."""

    def __init__(self, handler: Callable[[int, FrameType | None], Any]) -> None:
        self.handler: Handler = handler
        self._call = handler
        self._raised: list[BaseException] = []

    def __call__(self, signum: int, frame: FrameType | None) -> object:
        frame = _outside(frame)
        callback = _callback_below(frame)
        if callback is None or callback.f_code in callbacks:
            self._call_seen(signum, frame, callback)
        elif callback is not frame:  # what coverage.py's tracers call may not be entered twice
            self._call_unseen(signum, frame)
        else:  # nor raised into, they would swallow it
            try:
                if not self._raised:
                    self._call_unseen(signum, frame)
            except BaseException as error:
                self._raised.append(error)
            return _again(signum) if self._raised else None
        return None

    def _call_seen(self, signum: int, frame: FrameType | None, callback: FrameType | None) -> None:
        called = frame if callback is None else _outside(callback.f_back)
        beginning = called is not None and _is_beginning(called)
        try:
            call = self._raise_again if self._raised else self._call
            if callback is None:
                call(signum, called)
            else:
                sys.call_tracing(call, (signum, called))
        except BaseException as error:
            if called is not None and beginning:
                _let_begin(called)
            if callback in {None, frame}:  # in the callback's first instruction: raised where it would be
                raise
            _waiting.append(error)  # the callback is to end first, whole: it raises this then

    def _raise_again(self, _signum: int, _frame: FrameType | None) -> None:
        raise self._raised.pop()

    def _call_unseen(self, signum: int, frame: FrameType | None) -> None:
        code = getattr(self._call, "__code__", None)
        if code is not None:
            name = f"{self._call.__qualname__} ({code.co_filename}:{code.co_firstlineno})"
            unseen[name] = unseen.get(name, 0) + 1
        self._call(signum, frame)


def _is_beginning(frame: FrameType) -> bool:
    """Whether a trace function has not been told of `frame` yet."""
    return sys.gettrace() is not None and frame.f_code.co_code[frame.f_lasti] == RESUME


def _let_begin(frame: FrameType) -> None:
    """Tell coverage.py's tracer, which will hear of the frame's end, and would take that for its caller's."""
    trace = sys.gettrace()
    if trace is not None and type(trace).__module__.partition(".")[0] == "coverage":
        trace(frame, "call", None)


class _Again:
    """Sends a signal again when nobody holds this any more."""


def _again(signum: int) -> _Again:
    """What a handler returns to be called again at the next check of the evaluation loop, when its own frame is gone.

    Python lets go of it in C, and all that follows from that is C: no check lies between, which would find the relay
    where it is now.
    """
    held = _Again()
    _sent[signum] = weakref.ref(held, partial(next, map(_thread.interrupt_main, (signum,))))  # type: ignore[arg-type]  # any number
    return held


_sent: dict[int, weakref.ref[_Again]] = {}


def _outside(frame: FrameType | None) -> FrameType | None:
    """`frame`, or the one below where it is the relay's own: a signal may break in there as well."""
    while frame is not None and frame.f_code in _RELAYING:
        frame = frame.f_back
    return frame


def _callback_below(frame: FrameType | None) -> FrameType | None:
    """The frame of the witness's callback that `frame` runs in, or else coverage.py's innermost; None outside both."""
    coverages = None
    for _ in range(DEEPEST):
        if frame is None or frame.f_code is _Relay.__call__.__code__:  # a handler's own recording is on
            break
        if frame.f_code in callbacks:
            return frame
        if coverages is None and _is_coverages(frame):
            coverages = frame
        frame = frame.f_back
    return coverages


def _is_coverages(frame: FrameType) -> bool:
    of = frame.f_code
    return of in _ITS_STACKS or of is _Relay._call_unseen.__code__ or _module(frame).startswith("coverage.")


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__"))


_ITS_STACKS = {each.__code__ for each in (WeakKeyDictionary.__getitem__, WeakKeyDictionary.__setitem__)}
"""What the C tracer keeps the greenlets' stacks in: it calls these two, and nothing of coverage.py's lies between."""
_RELAYING = {
    each.__code__
    for each in (_Relay.__call__, _Relay._call_seen, _is_beginning, _let_begin, _again, _outside, _callback_below)
} | {_is_coverages.__code__, _module.__code__}


class _Default:
    """In place of a default action: ends the process by the same signal, when its data have been saved."""

    handler: Handler = signal.SIG_DFL

    def __init__(self, end: Callable[[int], None]) -> None:
        self._end = end

    def __call__(self, signum: int, _frame: FrameType | None) -> None:
        self._end(signum)


def raise_waiting() -> None:
    """Raise what a handler raised while a callback could not be left: called at the callback's end."""
    if _waiting:
        raise _waiting.pop(0)


def was_relayed(error: BaseException) -> bool:
    """Whether `error` came out of a handler that broke into the very function that caught it."""
    frame = error.__traceback__.tb_next if error.__traceback__ is not None else None
    return frame is not None and frame.tb_frame.f_code is _Relay.__call__.__code__


def ignore_endings() -> None:
    """Let nothing break into what follows, the last that this process does."""
    with contextlib.suppress(ValueError):  # in another thread than the main one, which then waits to save
        for signum in ENDING:
            _signal(signum, signal.SIG_IGN)


def end_by(signum: int) -> None:
    """Let the default action end this process."""
    _signal(signum, signal.SIG_DFL)
    signal.raise_signal(signum)


def begin(end: Callable[[int], None]) -> None:
    """Relay signals from here on; `end` is called with that which is to end the process.

    Raises ValueError outside the main thread of the main interpreter: handlers are not called elsewhere.
    """
    default = _Default(end)

    def relayed(signum: int, handler: Handler) -> Handler:
        if handler == signal.SIG_DFL and signum in ENDING:
            return default
        if not callable(handler) or isinstance(handler, (BuiltinFunctionType, _Relay, _Default)):
            return handler
        return _Relay(handler)

    def set_handler(signalnum: int, handler: Handler) -> Handler:
        return _said(_signal(signalnum, relayed(signalnum, handler)))

    def get_handler(signalnum: int) -> Handler:
        return _said(_getsignal(signalnum))

    for signum in AT_ONCE:
        if _is_default(_getsignal(signum)):
            _signal(signum, default)
    set_handler.__doc__, get_handler.__doc__ = _signal.__doc__, _getsignal.__doc__
    signal.signal, signal.getsignal = set_handler, get_handler


def _is_default(handler: Handler) -> bool:
    """Or coverage.py's `sigterm = true`: a second signal while it saves would lose the data."""
    module = getattr(getattr(handler, "__func__", None), "__module__", "")
    return handler == signal.SIG_DFL or module == "coverage.control"


def _said(handler: Handler) -> Handler:
    return handler.handler if isinstance(handler, (_Relay, _Default)) else handler
