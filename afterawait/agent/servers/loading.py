"""What each known server says of its loading of the application. In the process that serves."""

from __future__ import annotations

import contextlib
import functools
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from afterawait import protocol
from afterawait.agent import startup

known = False
"""Whether a server that is known runs the application here."""


@contextlib.contextmanager
def begun(server: str) -> Iterator[None]:
    """Note that `server`, a distribution's name, loads the application within this block, or why it could not."""
    global known  # noqa: PLW0603  # one process, one server
    known = True
    note(server)
    try:
        yield
    except BaseException as error:
        fails(error)
        raise


def note(server: str = "") -> None:
    """Note that the application is loaded here."""
    recorder = startup.recorder
    if recorder is None:
        return
    record = recorder.record
    role = {"role": protocol.SERVER if record.role in {protocol.SERVER, protocol.TOP} else protocol.WORKER}
    name = f"{server} {_version(server)}".strip() if server else ""
    startup.note(loads=True, server=", ".join(dict.fromkeys(filter(None, [record.server, name]))), **role)


def fails(error: BaseException) -> None:
    """Note why the application cannot be loaded: a supervisor may try it again for ever."""
    if isinstance(error, SystemExit):
        startup.note(failure="cannot be loaded: its server says why")
    else:
        reason = traceback.format_exception_only(error)[-1].strip()
        startup.note(failure=f"cannot be imported: {reason}")


def wrapped(app: Any, *, lifespan: bool = True) -> Any:
    """The wrapper around what a server calls. Without a `lifespan` it serves from now on."""
    from afterawait.agent import asgi

    if isinstance(app, asgi.Watched):
        return app
    watched = asgi.Watched(app)
    if not lifespan:
        asgi.serves()
    return watched


def around(function: Callable[..., Any], server: str) -> Callable[..., Any]:
    """`function`, which loads the application, with a note of it."""

    @functools.wraps(function)
    def loading(*arguments: Any, **named: Any) -> Any:
        with begun(server):
            return function(*arguments, **named)

    return loading


def _version(distribution: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""
