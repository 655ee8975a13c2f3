"""What a server notes of its loading of the application, and the wrapper around it. In the process that serves."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

from afterawait import protocol
from afterawait.agent import last_words, startup

known = False
"""Whether a server that is known runs the application here."""


@contextlib.contextmanager
def begun(server: str) -> Iterator[None]:
    """Note that `server`, a distribution's name, loads the application within this block, or why it could not."""
    _name(server)
    note()
    try:
        yield
    except BaseException as error:
        fails(error)
        raise


def note() -> None:
    """Note that the application is loaded here, to be served."""
    recorder = startup.recorder
    if recorder is not None and not recorder.record.loads:
        top = recorder.record.role in {protocol.SERVER, protocol.TOP}
        startup.note(loads=True, role=protocol.SERVER if top else protocol.WORKER)


def _name(server: str) -> None:
    """Note which server runs the application; one may run another."""
    global known  # noqa: PLW0603  # one process, one server
    known = True
    recorder = startup.recorder
    if recorder is not None and server not in recorder.record.server:
        named = [recorder.record.server, f"{server} {_version(server)}".strip()]
        startup.note(server=", ".join(filter(None, named)))


def fails(error: BaseException) -> None:
    """Note why the application cannot be loaded: a supervisor may try it again for ever."""
    if isinstance(error, SystemExit):
        startup.note(failure="cannot be loaded: its server says why")
    else:
        startup.note(failure=f"cannot be imported: {last_words.of_error(error)}")


def wrapped(app: Any, *, server: str = "", lifespan: bool = True) -> Any:
    """The wrapper around what `server` calls. Without a `lifespan` it serves from now on."""
    from afterawait.agent import asgi

    if server:
        _name(server)
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
