"""Databases on a PostgreSQL server: the run's own server, or one that somebody runs. Test process."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from afterawait.databases.admin import Session
from afterawait.databases.base import Database, checked_name
from afterawait.databases.check import APPLICATION, OR_PRIVATE, check_server
from afterawait.databases.cluster import HOST, PORT, Postgres
from afterawait.databases.data_folder import USER
from afterawait.databases.postgres_server import OURS, PostgresServer
from afterawait.databases.url import URL
from afterawait.faults import EnvironmentFault
from afterawait.processes.polling import Expired

DRIVER = "postgresql+asyncpg"
WITHOUT_SOCKETS = ("postgresql+pg8000",)  # drivers that know no ?host=/folder
PRIVATE = "The run's own PostgreSQL"
OR_EXTERNAL = "let DATABASE_URL name a server that runs"


class PrivatePostgres(PostgresServer):
    """A PostgreSQL of the run's own, which is gone with all its databases when the run is."""

    def __init__(
        self,
        *,
        driver: str = DRIVER,
        cache: Path | None = None,
        pg_bin: str | None = None,
        tcp: bool = False,
        kept: Path | None = None,
    ) -> None:
        tcp = tcp or driver in WITHOUT_SOCKETS
        self._postgres = postgres = Postgres(cache=cache, pg_bin=pg_bin, tcp=tcp, kept=kept)
        with contextlib.ExitStack() as undo:
            undo.callback(postgres.stop)
            self.source, self.version = postgres.source, postgres.version
            port = (("port", str(postgres.port)),) if postgres.port != PORT else ()
            url = URL(driver, user=USER, query=(("host", str(postgres.socket_folder)), *port))
            admin = replace(url, database="postgres")
            session = Session(admin, application=APPLICATION, called=PRIVATE, otherwise=OR_EXTERNAL)
            undo.callback(session.close)
            if tcp:
                # Other users of this machine can reach the port: until there is a password nobody gets in there.
                password = secrets.token_hex(16)
                session.execute(f"ALTER ROLE {USER} PASSWORD '{password}'")
                url = URL(driver, user=USER, password=password, host=HOST, port=postgres.port)
            super().__init__(session, url, prefix="afterawait_", fast_copies=True)
            undo.pop_all()

    def existing(self, name: str) -> Database | None:
        """See DatabaseServer."""
        full = self._full(checked_name(name))
        if not self._session.rows("SELECT FROM pg_database WHERE datname = $1", full):
            return None
        return Database(name, replace(self._url, database=full).text)

    def keep(self, folder: Path) -> None:
        """See DatabaseServer."""
        super().close()
        try:
            self._postgres.keep(folder)
        except (OSError, ValueError, Expired) as error:
            raise EnvironmentFault(
                f"The database could not be kept in {folder}: {error}.",
                hint="Make room there; what was kept before stays.",
            ) from None

    def close(self) -> None:
        """See DatabaseServer."""
        try:
            super().close()
        finally:
            self._postgres.stop()


class ExternalPostgres(PostgresServer):
    """A server that somebody runs: the run's databases there are its own, and dropped when it ends.

    A run shows that it lives by its session's application_name, which every user of the server sees. Databases of
    runs that do not live, kill -9 say, are dropped by the next run to start. The database that `url` names is not
    written to.
    """

    def __init__(self, url: URL, *, run: str, setting: str) -> None:
        self.source = setting
        self._called = f"{setting} ({url.shown})"
        run = f"{run}x{secrets.token_hex(4)}"
        session = Session(
            url,
            application=f"{APPLICATION}{run}",
            called=self._called,
            otherwise=OR_PRIVATE,
        )
        try:
            check_server(session, self._called)
            ((version,),) = session.rows("SELECT current_setting('server_version')")
            self.version = f"PostgreSQL {version.split()[0]}"
            super().__init__(session, url, prefix=f"afterawait_{run}_", fast_copies=False)
            self._drop_those_of_the_dead()
        except BaseException:
            session.close()
            raise

    def close(self) -> None:
        """See DatabaseServer."""
        if self._session.closed:
            return
        try:
            for full, _ in self._databases():
                if full.startswith(self._prefix):
                    self._drop(full)
        finally:
            super().close()

    def _databases(self) -> list[tuple[str, str]]:
        """The databases of runs, each with its run, that our user may drop."""
        found = self._session.rows(
            "SELECT datname::text FROM pg_database WHERE pg_has_role(datdba, 'USAGE') AND datname <> current_database()"
        )
        return [(name, ours[1]) for (name,) in found if (ours := OURS.fullmatch(name))]

    def _drop_those_of_the_dead(self) -> None:
        databases = self._databases()  # before asking who lives: a run shows that it lives, then makes databases
        lives = {name for (name,) in self._session.rows("SELECT application_name FROM pg_stat_activity")}
        for full, run in databases:
            if f"{APPLICATION}{run}" not in lives:
                with contextlib.suppress(EnvironmentFault):  # another run does the same at this moment
                    self._drop(full)


class AttachedPostgres(PostgresServer):
    """A server that another process of this run opened, and closes."""

    def __init__(self, address: Mapping[str, str]) -> None:
        self.source, self.version = address["source"], address["version"]
        session = Session(
            URL.parse(address["session"]),
            application=address["application"],
            called=address["called"],
            otherwise=address["otherwise"],
        )
        fast_copies = bool(address["strategy"])
        super().__init__(session, URL.parse(address["url"]), prefix=address["prefix"], fast_copies=fast_copies)
