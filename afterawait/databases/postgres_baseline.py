"""What a PostgreSQL database held, brought back in place: rows and sequences. Test process.

Nobody is disconnected, and nothing is altered but contents: pools and prepared statements stay good. Where that is not
enough (a test created a table, say), NotInPlace says so.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import asyncpg  # type: ignore[import-untyped]

from afterawait.databases import postgres_catalog as catalog
from afterawait.databases.admin import Session
from afterawait.databases.baseline import RESTORE_SECONDS, Baseline, NotInPlace
from afterawait.databases.postgres_catalog import Table
from afterawait.faults import ApplicationFault
from afterawait.processes.polling import Expired, wait_until

CHANGED = "the schema was changed"
LONGEST_QUERY = 300  # characters of one that are shown


class PostgresBaseline(Baseline):
    """Of the database that `session` is connected to; `session` is closed with it. Rows are kept in memory."""

    def __init__(self, session: Session) -> None:
        self._session = session
        try:
            session.call(self._take)
        except BaseException:
            session.close()
            raise

    def restore(self) -> None:
        """See Baseline. A lock is never waited for while others are held: the application can't be deadlocked by it."""
        try:
            wait_until(lambda: self._session.call(self._restored), seconds=RESTORE_SECONDS)
        except Expired:
            raise self._held() from None

    def close(self) -> None:
        """See Baseline."""
        self._session.close()

    async def _take(self, connection: asyncpg.Connection) -> None:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            self._fingerprint = await catalog.fingerprint(connection)
            self._tables = await catalog.tables(connection)
            self._sequences = await catalog.sequences(connection)
            self._values = await catalog.values(connection, self._sequences)
            self._filled = [each for each in await catalog.with_rows(connection, self._tables) if each.holds_rows]
            self._contents = [await _contents(connection, each) for each in self._filled]
            self._obstacle = await catalog.obstacle(connection, self._filled)

    async def _restored(self, connection: asyncpg.Connection) -> bool:
        """Whether the application let it: False where a transaction of its is open."""
        try:
            async with connection.transaction():
                await self._restore(connection)
        except asyncpg.LockNotAvailableError:
            return False
        except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
            raise NotInPlace(CHANGED) from None
        except asyncpg.InsufficientPrivilegeError as error:
            raise NotInPlace(f"the user of the database may not: {error}") from None
        return True

    async def _restore(self, connection: asyncpg.Connection) -> None:
        if self._tables:
            await connection.execute(f"LOCK TABLE {_names(self._tables)} IN ACCESS EXCLUSIVE MODE NOWAIT")
        if await catalog.fingerprint(connection) != self._fingerprint:
            raise NotInPlace(CHANGED)
        if self._obstacle:
            raise NotInPlace(self._obstacle)
        if await catalog.may_switch_triggers_off(connection):
            await connection.execute("SET LOCAL session_replication_role = replica")
        used = {*await catalog.with_rows(connection, self._tables), *self._filled}
        if used:
            await connection.execute(f"TRUNCATE {_names(sorted(used))} CASCADE")
        for table, rows in zip(self._filled, self._contents, strict=True):
            await connection.copy_to_table(
                table.name, schema_name=table.schema, source=io.BytesIO(rows), format="binary"
            )
        now = await catalog.values(connection, self._sequences)
        for sequence, value in self._values.items():
            if now[sequence] != value:
                await connection.execute("SELECT setval($1::oid, $2, $3)", sequence.oid, *value)

    def _held(self) -> ApplicationFault:
        holders = self._session.rows(catalog.HOLDERS)
        shown = [_holder(*each) for each in holders] or ["who has them could not be seen"]
        return ApplicationFault(
            f"reset_database: transactions kept their locks for {RESTORE_SECONDS:g} s.",
            hint="Let the application (or the test's own client) end its transaction: commit, roll back, or close the"
            " session before the test ends.",
            detail="\n".join(shown),
        )


def _names(tables: Iterable[Table]) -> str:
    return ", ".join(each.quoted for each in tables)


def _holder(pid: int, state: str, seconds: float, program: str, query: str) -> str:
    short = " ".join(query.split())[:LONGEST_QUERY]
    return f"connection {pid} ({program or 'no name'}), {state}, in a transaction for {seconds:.1f} s: {short}"


async def _contents(connection: Any, table: Table) -> bytes:
    rows = io.BytesIO()
    await connection.copy_from_table(table.name, schema_name=table.schema, output=rows, format="binary")
    return rows.getvalue()
