"""The ASGI application that runs in each server process: the one under test, announced and watched.

It changes nothing that a request sees and adds no endpoint: it runs the canary before the application's own
start-up, writes into the process's record that this process serves, or why it cannot, and credits each request to
the test that its `baggage` header names, or its cookies.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from afterawait import protocol
from afterawait.agent import canary, last_words, startup
from afterawait.agent.loading import ASGIApplication, Message, Receive, Scope, Send, load
from afterawait.agent.record import complain
from afterawait.agent.servers import flushing, noting
from afterawait.agent.witness.baggage import RUN, test_id, test_id_of_cookies

if TYPE_CHECKING:
    from afterawait.agent.witness.monitor import Witness

SWITCHING, UNANSWERED, FAILED = 101, 499, 500
"""Statuses of requests that were not answered by one: a websocket, one given up by its client, an exception."""


shutdown_failed = False
"""Whether the application failed in its shutdown."""
_crossing = False
"""Whether the canary was sent."""


class Watched:
    """Wraps the application under test (ASGI 3.0); see the module's docstring."""

    def __init__(self, app: ASGIApplication) -> None:
        self.app = app
        self._key = os.environ.get(protocol.KEY, "").encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, or the lifespan."""
        if scope["type"] == "lifespan":
            await _cross()
            await _Lifespan(receive, send).of(self.app, scope)
            return
        if not _crossing:  # a server that was told to leave the lifespan out
            await _cross()
            serves()
        if startup.witness is None:
            await self.app(scope, receive, send)
        else:
            await self._witnessed(startup.witness, scope, receive, send)

    async def _witnessed(self, witness: Witness, scope: Scope, receive: Receive, send: Send) -> None:
        ended = _begun(witness, scope, self._key)
        status = 0

        async def noting_status(message: Message) -> None:
            nonlocal status
            status = _status(message, status)
            await send(message)

        try:
            await self.app(scope, receive, noting_status)
        except BaseException:
            status = status or FAILED
            raise
        finally:
            ended(status or UNANSWERED)


async def _cross() -> None:
    global _crossing  # noqa: PLW0603  # one process, one canary
    _crossing = True
    crossed, error = await canary.run()
    startup.note(canary=crossed, canary_error=error)


def serves() -> None:
    """Note that this process serves: what it measures is asked for before it is stopped."""
    if protocol.COMMAND in os.environ:
        noting.note()
        flushing.begin()
    startup.note(served=True)


# What a server or an application gets wrong in a scope or a message is theirs to find out: nothing here raises.


def _begun(witness: Witness, scope: Scope, key: bytes) -> Callable[[int], None]:
    """Credit this request to the test that it names; returns what is to be called with its status at its end."""
    try:
        test = _named(scope["headers"], key)
        path = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
        return witness.request(scope.get("method", scope["type"]), path, test)
    except Exception as error:
        complain("a request is credited to no test", error)
        return _nothing


def _named(headers: Iterable[tuple[bytes, bytes]], key: bytes) -> str | None:
    """The test that sent a request, by its baggage; by its cookies, where a browser sent it."""
    baggage, cookies = [], []
    for name, value in headers:
        if name == b"baggage":
            baggage.append(value)
        elif name == b"cookie":
            cookies.append(value)
    joined = b",".join(baggage)
    test = test_id(joined, key) if baggage else None
    if test is None and RUN in joined and RUN + b"=" + key not in joined:
        startup.serves_others()
    if test is None and cookies and RUN in (cookie := b";".join(cookies)):
        return test_id_of_cookies(cookie, key)
    return test


def _nothing(_status: int) -> None:
    """The end of a request that could not be noted."""


def _status(message: Message, before: int) -> int:
    try:
        return SWITCHING if message["type"] == "websocket.accept" else int(message.get("status", before))
    except Exception:
        return before


class _Lifespan:
    """The application's lifespan; notes that this process serves when its start-up is over, and not before.

    And how its shutdown failed: a server ends as if nothing had happened, and some of them say nothing either.
    """

    def __init__(self, receive: Receive, send: Send) -> None:
        self._server_receive = receive
        self._server_send = send
        self._over = False
        self._completed = False
        self._asked = False

    async def of(self, app: ASGIApplication, scope: Scope) -> None:
        """Run it to its end."""
        try:
            await app(scope, self.receive, self.send)
        except BaseException as error:
            if self._completed and not shutdown_failed and (self._asked or isinstance(error, Exception)):
                traceback.print_exc()
                _fails(last_words.of_error(error))
            elif isinstance(error, Exception):
                self._started()
            raise
        self._started()  # one that ends without a word has no lifespan, and servers go on to serve

    async def receive(self) -> Message:
        """Pass the server's message on."""
        message = await self._server_receive()
        if message.get("type") == "lifespan.shutdown":
            self._asked = True
            if startup.witness is not None:  # also where no request ever came: a shutdown is no start-up
                startup.witness.attribution.startup_is_over()
        return message

    async def send(self, message: Message) -> None:
        """Pass the application's message on."""
        try:
            said = last_words.of_text(str(message.get("message", ""))) or "no reason given"
            if message["type"] == "lifespan.startup.failed":
                self._over = True
                startup.note(failure=f"failed in its lifespan: {said}")
            elif message["type"] == "lifespan.startup.complete":
                self._completed = True
                self._started()
            elif message["type"] == "lifespan.shutdown.failed" and self._asked:  # else a forced end has cancelled it
                _fails(said)
        except Exception as error:
            complain("how the lifespan went is not known", error)
        await self._server_send(message)

    def _started(self) -> None:
        if not self._over:
            self._over = True
            serves()


def _fails(said: str) -> None:
    """Note that the application's shutdown has failed, and with which words."""
    global shutdown_failed  # noqa: PLW0603  # one process, one application
    shutdown_failed = True
    startup.note(shutdown=said)


def application() -> ASGIApplication:
    """A server's factory: import what AFTERAWAIT_APP names ("module:attribute", "module:factory()") and wrap it.

    Exits with protocol.STARTUP_FAILURE, which also stops a supervisor, when that cannot be done.
    """
    target = os.environ[protocol.APP]
    try:
        return Watched(load(target))
    except Exception as error:
        traceback.print_exc()
        startup.note(failure=f"cannot be imported: {last_words.of_error(error)}")
        sys.stderr.flush()
        sys.exit(protocol.STARTUP_FAILURE)
