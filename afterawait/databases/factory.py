"""Which kind of databases a run gets: a private PostgreSQL, or what DATABASE_URL names. Test process."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from afterawait.databases.base import DatabaseServer
from afterawait.faults import EnvironmentFault

RUN = re.compile(r"[a-z0-9]{1,16}")
POSTGRES_DRIVERS = ("postgresql+asyncpg", "postgresql", "postgres")
SQLITE_DRIVER = "sqlite+aiosqlite"


def open_server(  # noqa: PLR0913  # keywords, none of which depends on another
    url: str | None,
    *,
    folder: Path,
    run: str,
    pg_bin: str | None = None,
    tcp: bool = False,
    kept: Path | None = None,
) -> DatabaseServer:
    """The database server for a run: a private PostgreSQL, or what `url` (DATABASE_URL) names.

    `folder` is the project's `.afterawait`, `run` tells this run from others (letters and digits). `tcp` opens a
    private PostgreSQL's port on 127.0.0.1; without it there is only its Unix socket. It begins with the databases in
    `kept`, if `DatabaseServer.keep` put any there. Raises EnvironmentFault.
    """
    if not RUN.fullmatch(run):
        raise ValueError(f"run {run!r} is not of the form {RUN.pattern}")
    # asyncpg takes long to import: only those pay who have a PostgreSQL.
    if url is None:
        from afterawait.databases.postgres import PrivatePostgres

        return PrivatePostgres(cache=folder / "cache", pg_bin=pg_bin, tcp=tcp, kept=kept)
    parsed = _parse(url)
    if parsed.drivername == SQLITE_DRIVER:
        from afterawait.databases.sqlite import SqliteFiles

        return SqliteFiles(parsed, folder=folder, run=run)
    if parsed.drivername in POSTGRES_DRIVERS:
        from afterawait.databases.postgres import GivenPostgres

        return GivenPostgres(parsed, run=run)
    raise EnvironmentFault(
        f"DATABASE_URL asks for {parsed.drivername!r}, which the tests can't make databases with.",
        hint=f"Use one of {', '.join(f'{each}:' for each in (*POSTGRES_DRIVERS, SQLITE_DRIVER))}, or unset it.",
    )


def attach(address: Mapping[str, str]) -> DatabaseServer:
    """The server that another process of this run opened, to make and drop databases on. Raises EnvironmentFault."""
    if address["kind"] == "sqlite":
        from afterawait.databases.sqlite import SqliteFiles

        return SqliteFiles.attach(address)
    from afterawait.databases import postgres

    return postgres.AttachedPostgres(address)


def _parse(url: str) -> URL:
    if re.fullmatch(r"[a-z0-9+]+:", url):  # nothing but a driver
        url += "//"
    try:
        return make_url(url)
    except (ArgumentError, ValueError):  # their texts may hold the password
        raise EnvironmentFault(
            "DATABASE_URL is not the URL of a database.",
            hint="Write it as postgresql+asyncpg://user:password@host:port/name, or unset it.",
        ) from None
