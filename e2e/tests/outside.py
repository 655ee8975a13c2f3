"""The tests' own hand on a server's database, to be the trouble that HTTP cannot make; runs in the test process."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg  # type: ignore[import-untyped]

from e2e.conduit.servers import Server


class Outsider:
    """A connection beside the server's."""

    def __init__(self, server: Server, database: str | None = None) -> None:
        self._loop = asyncio.new_event_loop()
        url = server.database_url.replace("+asyncpg", "")
        self._connection = self._loop.run_until_complete(asyncpg.connect(url, database=database))

    def do(self, sql: str) -> list[str]:
        """Run a statement, and return the first column of what it gives."""
        rows = self._loop.run_until_complete(self._connection.fetch(sql))
        return [str(row[0]) for row in rows]

    def terminate(self, backends: str) -> list[str]:
        """Cut those of the server's own connections for which the condition holds; says which."""
        self._look_again()
        return self.do(f"""
            WITH those AS MATERIALIZED (
                SELECT pid FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND {backends}
            )
            SELECT pid FROM those WHERE pg_terminate_backend(pid)
        """)  # noqa: S608 - the tests' own conditions

    def waiting(self) -> list[str]:
        """Those of the server's own connections that wait for a lock."""
        self._look_again()
        return self.do("""
            SELECT pid FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'
        """)

    def _look_again(self) -> None:
        """Within a transaction PostgreSQL shows the activity of others as it was at the first look."""
        self.do("SELECT pg_stat_clear_snapshot()")

    @contextmanager
    def transaction(self, *statements: str) -> Iterator[None]:
        """Keep what the statements did, and their locks, to oneself until the block ends."""
        self.do("BEGIN")
        try:
            for sql in statements:
                self.do(sql)
            yield
        except BaseException:
            self.do("ROLLBACK")
            raise
        self.do("COMMIT")

    def leave(self) -> None:
        """Close the connection."""
        self._loop.run_until_complete(self._connection.close())
        self._loop.close()


@contextmanager
def outsider(server: Server, database: str | None = None) -> Iterator[Outsider]:
    """Somebody with a connection of their own to that server's database, or to another one beside it."""
    connected = Outsider(server, database)
    try:
        yield connected
    finally:
        connected.leave()
