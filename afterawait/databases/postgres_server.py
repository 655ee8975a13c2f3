"""What every PostgreSQL server of a run's databases has in common, whoever runs it. Test process."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from afterawait.databases.admin import Session
from afterawait.databases.base import TEMPLATE, Database, DatabaseServer, checked_name
from afterawait.databases.baseline import Baseline
from afterawait.databases.cluster import PORT
from afterawait.databases.postgres_baseline import PostgresBaseline
from afterawait.databases.url import URL

# A run's databases on an external server: "afterawait_", the run, "x" and eight random digits, the name. Nobody calls a
# database of their own so, and only such are ever dropped.
OURS = re.compile(r"afterawait_([a-z0-9]+x[0-9a-f]{8})_[a-z0-9_]+")
OLDEST_WITH_STRATEGY = 15


class PostgresServer(DatabaseServer):
    """What the private, the external and an attached server have in common.

    `url` is a database's URL but for the database; `prefix` goes before each name.
    """

    def __init__(self, session: Session, url: URL, *, prefix: str, fast_copies: bool) -> None:
        self._session = session
        self._url = url
        self._prefix = prefix
        # Copying files is the faster way where nothing is flushed to disk, and the slower where the server flushes.
        with_strategy = fast_copies and session.major >= OLDEST_WITH_STRATEGY
        self._strategy = "STRATEGY FILE_COPY" if with_strategy else ""

    def create(self, name: str) -> Database:
        """See DatabaseServer."""
        template = self._full(TEMPLATE)
        frozen = self._session.rows("SELECT FROM pg_database WHERE datname = $1 AND NOT datallowconn", template)
        return self._create(checked_name(name), f'TEMPLATE "{template}"' if frozen else "")

    def drop(self, db: Database) -> None:
        """See DatabaseServer."""
        self._drop(self._full(db.name))

    def prepare_template(self, setup: Callable[[Database], None]) -> None:
        """See DatabaseServer. A template takes no connections: a copy never waits for a client of the original."""
        db = self._create(TEMPLATE, "")
        try:
            setup(db)
            name = self._full(TEMPLATE)
            self._session.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            self._session.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
        except BaseException:
            self.drop(db)
            raise

    def baseline(self, db: Database) -> Baseline:
        """See DatabaseServer."""
        there = replace(self._session.url, database=self._full(db.name))
        admin = self._session
        return PostgresBaseline(
            Session(there, application=admin.application, called=admin.called, otherwise=admin.otherwise)
        )

    def own(self) -> dict[str, list[Any]]:
        """See DatabaseServer. On a private server every database; on another's those whose names nobody else gives."""
        if OURS.fullmatch(f"{self._prefix}x"):
            return {"prefixes": [self._prefix]}
        addresses = [*self._url.addresses(), *self._session.url.addresses()]
        return {"servers": [[host, port or PORT] for host, port in addresses]}

    def address(self) -> dict[str, str]:
        """See DatabaseServer."""
        return {
            "kind": "postgresql",
            "source": self.source,
            "version": self.version,
            "url": self._url.text,
            "session": self._session.url.text,
            "application": self._session.application,
            "called": self._session.called,
            "otherwise": self._session.otherwise,
            "prefix": self._prefix,
            "strategy": self._strategy,
        }

    def close(self) -> None:
        """See DatabaseServer."""
        self._session.close()

    def _full(self, name: str) -> str:
        return f"{self._prefix}{name}"

    def _create(self, name: str, template: str) -> Database:
        full = self._full(name)
        self._drop(full)
        self._session.execute(f'CREATE DATABASE "{full}" {template} {self._strategy}')
        return Database(name, replace(self._url, database=full).text)

    def _drop(self, full: str) -> None:
        self._session.execute(f'DROP DATABASE IF EXISTS "{full}" WITH (FORCE)')
