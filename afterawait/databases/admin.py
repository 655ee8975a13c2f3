"""A blocking session with a PostgreSQL server, for what a run does to databases. Test process, and a thread of it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlencode

import asyncpg  # type: ignore[import-untyped]
from anyio.from_thread import start_blocking_portal

from afterawait.databases.url import URL
from afterawait.faults import EnvironmentFault

PORT = 5432
CONNECT_SECONDS = 4.0
STATEMENT_SECONDS = 60.0
CANCEL_SECONDS = 2.0
# TimeoutError is an OSError.
FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
# Databases to be connected to while making others, where the URL's own does not exist.
ALWAYS_THERE = ("postgres", "template1")
# What SQLAlchemy takes out of an asyncpg URL's query for itself.
SQLALCHEMYS = ("prepared_statement_cache_size", "prepared_statement_name_func", "async_fallback")
# Of libpq's parameters those that decide whether a connection can be made, and that asyncpg knows. The others change
# how the application talks to the server; its own driver will judge them.
LIBPQS = (
    *("user", "password", "passfile", "service", "target_session_attrs", "krbsrvname", "gsslib"),
    *("sslmode", "sslcert", "sslkey", "sslpassword", "sslrootcert", "sslcrl", "sslnegotiation"),
    *("ssl_min_protocol_version", "ssl_max_protocol_version"),
)


class Session:
    """One connection, made at once, and made again should it be lost. Raises EnvironmentFault only.

    It lives in an event loop of its own in a thread of its own: the caller may have a running loop, or none.
    `application` is what the server's other clients see of it. Errors call the server `called`, and advise to do
    something about it or else `otherwise`.
    """

    def __init__(self, url: URL, *, application: str, called: str, otherwise: str) -> None:
        self.url = url
        self.application = application
        self.called = called
        self.otherwise = otherwise
        self.major = 0  # of the server's version
        self._connection: asyncpg.Connection | None = None
        self.closed = False
        self._thread = contextlib.ExitStack()
        self._portal = self._thread.enter_context(start_blocking_portal("asyncio"))
        try:
            self._wait(self._connected)
        except BaseException:
            self.close()
            raise

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What `query` selects."""
        return [tuple(row) for row in self._wait(self._fetch, query, values)]

    def execute(self, statement: str) -> None:
        """Run a statement that returns nothing, outside a transaction."""
        self._wait(self._execute, statement)

    def call[T](self, work: Callable[[asyncpg.Connection], Coroutine[Any, Any, T]]) -> T:
        """What `work` returns, given the connection: several statements in one transaction, COPY."""
        return self._wait(self._call, work)

    def close(self) -> None:
        """Hang up. Idempotent."""
        if self.closed:
            return
        self.closed = True
        try:
            with contextlib.suppress(EnvironmentFault):
                self._wait(self._hang_up)
        finally:
            self._thread.close()

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = None
            for database in dict.fromkeys((self.url.database or None, *ALWAYS_THERE)):
                with contextlib.suppress(asyncpg.InvalidCatalogNameError):
                    self._connection = await self._connect(database)
                    self.major = self._connection.get_server_version().major
                    break
            else:
                raise EnvironmentFault(
                    f"{self.called} has no database {self.url.database!r}, nor one of {', '.join(ALWAYS_THERE)}.",
                    hint="Name a database that exists there. The run does not write to it.",
                )
        return self._connection

    async def _connect(self, database: str | None) -> asyncpg.Connection:
        try:
            arguments = connect_arguments(self.url)
            arguments |= {"database": database, "server_settings": {"application_name": self.application}}
            async with asyncio.timeout(CONNECT_SECONDS):
                return await asyncpg.connect(**arguments)
        except asyncpg.InvalidCatalogNameError:
            raise
        except Exception as error:  # whatever the driver makes of a URL that people write
            raise self._connect_fault(error) from None

    def _connect_fault(self, error: Exception) -> EnvironmentFault:
        said = f"{error}".rstrip(".") or type(error).__name__
        for secret in (self.url.password, dict(self.url.query).get("password")):
            said = said.replace(secret, "***") if secret else said
        if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):
            return EnvironmentFault(
                f"{self.called} refuses the login: {said}.",
                hint=f"Correct the user and password, or {self.otherwise}.",
            )
        if isinstance(error, TimeoutError):
            said = f"no answer within {CONNECT_SECONDS:g} s"
        if isinstance(error, OSError | TimeoutError):
            return EnvironmentFault(
                f"{self.called} can't be reached: {said}.",
                hint=f"Start that server, correct its host and port, or {self.otherwise}.",
            )
        return EnvironmentFault(
            f"{self.called} can't be used: {said}.",
            hint=f"Correct its URL, or {self.otherwise}.",
        )

    async def _fetch(self, query: str, values: tuple[object, ...]) -> list[Any]:
        connection = await self._connected()
        return list(await connection.fetch(query, *values, timeout=STATEMENT_SECONDS))

    async def _execute(self, statement: str) -> None:
        connection = await self._connected()
        await connection.execute(statement, timeout=STATEMENT_SECONDS)

    async def _call[T](self, work: Callable[[asyncpg.Connection], Coroutine[Any, Any, T]]) -> T:
        return await work(await self._connected())

    async def _hang_up(self) -> None:
        if self._connection is not None:
            try:
                await self._connection.close(timeout=CANCEL_SECONDS)
            except TimeoutError:
                self._connection.terminate()

    def _wait[*Ts, T](self, work: Callable[[*Ts], Coroutine[Any, Any, T]], *values: *Ts) -> T:
        future = self._portal.start_task_soon(work, *values)
        try:
            answer: T = future.result()
        except FAILURES as error:
            if isinstance(error, asyncpg.InternalClientError) and self._connection is not None:
                # The session ended while a statement was on its way; asyncpg lost count, the next one starts anew.
                self._portal.call(self._connection.terminate)
            raise EnvironmentFault(
                f"{self.called} refused: {error or type(error).__name__}.",
                hint=f"See to it that databases can be made and dropped there, or {self.otherwise}.",
            ) from None
        except BaseException:  # Ctrl-C, say: leave a connection that can still clean up
            future.cancel()
            concurrent.futures.wait([future], CANCEL_SECONDS)
            raise
        return answer


def connect_arguments(url: URL) -> dict[str, Any]:
    """What asyncpg.connect takes to reach the server of `url`, whichever driver the URL is for. Raises ValueError."""
    own = {"user": url.user, "password": url.password}
    arguments: dict[str, Any] = {key: value for key, value in own.items() if value}
    if addresses := url.addresses():
        hosts, ports = zip(*addresses, strict=True)
        several = len(addresses) > 1
        arguments |= {"host": list(hosts) if several else hosts[0] or None}
        arguments |= {"port": [port or PORT for port in ports] if several else ports[0]}
    query = {key: value for key, value in url.query if key not in {"host", "port"}}
    if url.driver == "postgresql+asyncpg":  # SQLAlchemy passes the query on, as keywords
        return arguments | {key: value for key, value in query.items() if key not in SQLALCHEMYS}
    options = {key: value for key, value in query.items() if key in LIBPQS}
    return arguments | {"dsn": f"postgresql://?{urlencode(options)}" if options else None}
