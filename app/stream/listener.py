"""Hears of every published article, whichever process published it; a task of the server process."""

import asyncio
import logging
from asyncio import Event
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from asyncpg import Connection, InterfaceError, InternalClientError, PostgresError  # type: ignore[import-untyped]
from sqlalchemy.engine import Connection as SyncConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from app.database import Database
from app.errors import first_line
from app.models import ARTICLES_CHANNEL

_RETRY = 0.5
# asyncpg says "internal" of a connection that PostgreSQL ends between two messages of one statement.
_TROUBLE = (OSError, DBAPIError, PostgresError, InterfaceError, InternalClientError)
_log = logging.getLogger("uvicorn.error")


class _LostError(OSError):
    """The connection was there and is gone; the pause is over."""


class Bell:
    """Wakes whoever waits for articles. It carries nothing: what there is to hear is in the database."""

    def __init__(self) -> None:
        self._next = Event()

    def next_ring(self) -> Event:
        """To be taken before looking: what happens while one looks rings it too."""
        return self._next

    def ring(self, *_: object) -> None:
        """Wake everybody who waits; asyncpg's arguments do not matter."""
        self._next.set()
        self._next = Event()


@asynccontextmanager
async def listening(database: Database) -> AsyncIterator[Bell]:
    """A bell that rings for every article, for as long as the block runs; never, on SQLite."""
    bell = Bell()
    if not database.is_postgresql:
        yield bell
        return
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(_listen(database.engine, bell))
        yield bell
        task.cancel()


async def _listen(engine: AsyncEngine, bell: Bell) -> None:
    while True:
        try:
            await _listen_once(engine, bell)
        except _TROUBLE as error:
            pause = 0 if isinstance(error, _LostError) else _RETRY
            _log.warning("Not listening for articles: %s. Trying again in %s s.", first_line(error), pause)
            await asyncio.sleep(pause)


async def _listen_once(engine: AsyncEngine, bell: Bell) -> None:
    """Ends only by an exception: at the latest when the connection does."""
    lost = Event()
    later = asyncio.get_running_loop().call_later
    async with engine.connect() as connection:
        raw = cast("Connection", (await connection.get_raw_connection()).driver_connection)
        # Out of the pool: this one is for as long as the server runs, and no request has to wait for it.
        await connection.run_sync(SyncConnection.detach)
        raw.add_termination_listener(lambda _: later(_RETRY, lost.set))
        await raw.add_listener(ARTICLES_CHANNEL, bell.ring)
        bell.ring()  # for whatever was published while nobody listened
        await lost.wait()
        raise _LostError("the connection to PostgreSQL was lost")
