"""Which kind of databases a run gets: on a private PostgreSQL, on a server that runs, in files, none. Test process."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from afterawait import protocol
from afterawait.databases.base import Database, DatabaseServer
from afterawait.databases.none import NoDatabase
from afterawait.databases.sqlite import SqliteFiles
from afterawait.databases.url import URL
from afterawait.faults import EnvironmentFault

NOWHERE = "not_yet"
"""In the place of what only a run decides: a folder, a database's name."""
RUN = re.compile(r"[a-z0-9]{1,16}")
# What may stand in place of a URL, and the driver that it then means: those of the async applications this is for.
KINDS = {"postgresql": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}
# The applications' drivers. A URL's own is kept, whatever the run itself talks to the server with.
DRIVERS = (
    *("postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg_async", "postgresql+psycopg2"),
    *("postgresql+psycopg2cffi", "postgresql+pg8000", "postgres"),
    *("sqlite", "sqlite+aiosqlite", "sqlite+pysqlite"),
)


def open_server(  # noqa: PLR0913  # keywords, none of which depends on another
    wanted: str | None,
    *,
    folder: Path,
    run: str,
    setting: str = protocol.DATABASE_URL,
    pg_bin: str | None = None,
    tcp: bool = False,
    kept: Path | None = None,
) -> DatabaseServer:
    """The database server for a run, as `wanted` says. Raises EnvironmentFault, naming the `setting` it is from.

        "postgresql", or nothing   a private PostgreSQL
        "sqlite"                   SQLite files
        a driver and a colon       the same, with URLs for that driver: "postgresql+psycopg:", "sqlite+pysqlite:"
        a URL                      that PostgreSQL server; SQLite files with its options

    `folder` is the project's `.afterawait`, `run` tells this run from others (letters and digits). `tcp` opens a
    private PostgreSQL's port on 127.0.0.1; without it there is only its Unix socket. It begins with the databases in
    `kept`, if `DatabaseServer.keep` put any there.
    """
    if not RUN.fullmatch(run):
        raise ValueError(f"run {run!r} is not of the form {RUN.pattern}")
    url = _read(wanted or "postgresql", setting)
    if url.kind == "sqlite":
        return SqliteFiles(url, folder=folder, run=run)
    postgres = _postgres()
    server: DatabaseServer
    if url == URL(url.driver):
        server = postgres.PrivatePostgres(
            driver=url.driver, cache=folder / protocol.CACHE, pg_bin=pg_bin, tcp=tcp, kept=kept
        )
    else:
        server = postgres.ExternalPostgres(url, run=run, setting=setting)
    return server


def check(wanted: str | None, *, setting: str, pg_bin: str | None = None) -> None:
    """Raise EnvironmentFault where `open_server` would: no such server, no binaries. Nothing is made or started."""
    url = _read(wanted or "postgresql", setting)
    if url.kind == "sqlite":
        return
    _postgres()
    if url == URL(url.driver):
        from afterawait.databases import binaries

        binaries.find(pg_bin, binaries.persona())
    else:
        from afterawait.databases.check import check as check_external

        check_external(url, setting)


def to_be(wanted: str | None, *, setting: str, folder: Path, tcp: bool = False) -> Database:
    """A database like those of the run, before there are any: the same kind of address, and nobody answers there."""
    url = _read(wanted or "postgresql", setting)
    if url.kind == "sqlite":
        return Database("main", replace(url, database=str(folder.absolute() / NOWHERE / "main.db"), query=()).text)
    if url != URL(url.driver):
        return Database("main", replace(url, database=f"afterawait_{NOWHERE}_main").text)
    place = {"password": NOWHERE, "host": "127.0.0.1", "port": 1} if tcp else {"query": (("host", f"/{NOWHERE}"),)}
    return Database("main", replace(url, user="postgres", database="afterawait_main", **place).text)


def attach(address: Mapping[str, str]) -> DatabaseServer:
    """The server that another process of this run opened, to make and drop databases on. Raises EnvironmentFault."""
    if address["kind"] == "none":
        return NoDatabase()
    if address["kind"] == "sqlite":
        return SqliteFiles.attach(address)
    server: DatabaseServer = _postgres().AttachedPostgres(address)
    return server


def _postgres() -> ModuleType:
    """The module for PostgreSQL. asyncpg is an extra, and takes long to import: only those pay who need it."""
    try:
        from afterawait.databases import postgres
    except ImportError as error:
        raise EnvironmentFault(
            f"Databases on PostgreSQL are made through asyncpg, which cannot be imported: {error}.",
            hint='Run `pip install "afterawait[postgres]"`, or use SQLite: database = "sqlite".',
        ) from None
    return postgres


def _read(wanted: str, setting: str) -> URL:
    """The URL that `wanted` is or stands for; one that is nothing but a driver asks for databases of the run's own."""
    text = wanted
    if re.fullmatch(r"[\w+]+:?", wanted):
        text = KINDS.get(wanted, wanted.rstrip(":")) + "://"
    try:
        url = URL.parse(text)
    except ValueError:  # the text may hold the password
        raise EnvironmentFault(
            f"{setting} is not the URL of a database.",
            hint="Write it as postgresql+asyncpg://user:password@host:port/name, with what is no letter or digit in"
            f" user and password percent-encoded; or just {' or '.join(map(repr, KINDS))}.",
        ) from None
    if url.driver in DRIVERS:
        return url
    close = difflib.get_close_matches(url.driver, (*KINDS, *DRIVERS), 1)
    raise EnvironmentFault(
        f"{setting} asks for {url.driver!r}, and no databases can be made with that.",
        hint=(f"Did you mean {close[0]!r}? " if close else "") + f"Known are {', '.join(DRIVERS)}.",
    )
