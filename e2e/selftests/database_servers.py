"""The servers that databases are made on: private, somebody's, SQLite files. Test process of the selftests.

A test module takes the fixtures over by name: `open_kind = database_servers.open_kind`, with those that it needs.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from afterawait.databases.base import Database, DatabaseServer
from afterawait.databases.factory import open_server

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30.0

# A run in small: makes a database, says so, and lives until it is killed.
RUN = """
import sys, time
from pathlib import Path
from afterawait.databases.factory import open_server
server = open_server(sys.argv[1], folder=Path(sys.argv[2]), run=sys.argv[3])
print(server.create("main").placeholders()["db.name"], flush=True)
time.sleep(600)
"""


def run_sql(db: Database | str, *statements: str, **values: str) -> list[Any]:
    """The last statement's first column, by way of the application's own engine."""

    async def work() -> list[Any]:
        url = db if isinstance(db, str) else db.url
        engine = create_async_engine(url, poolclass=pool.NullPool, isolation_level="AUTOCOMMIT")
        try:
            async with engine.connect() as connection:
                for statement in statements:
                    result = await connection.execute(text(statement), values)
                return [row[0] for row in result] if result.returns_rows else []
        finally:
            await engine.dispose()

    return asyncio.run(work())


def with_table(db: Database) -> None:
    """Set up a schema, with a row."""
    run_sql(db, "CREATE TABLE cities (name text)", "INSERT INTO cities VALUES ('Ulm')")


def admin_url(server: DatabaseServer) -> str:
    """The URL of the server's own session."""
    return server.address()["session"]


def databases_on(server: DatabaseServer) -> set[str]:
    """The names of all databases, whoever made them."""
    return set(run_sql(admin_url(server), "SELECT datname::text FROM pg_database"))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What stands for .afterawait, with the cache in it."""
    path = tmp_path_factory.mktemp("state")
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def somebodys(cache: Path) -> Iterator[DatabaseServer]:
    """A server that somebody runs, with a password and on a port."""
    with open_server(None, folder=cache, run="server", tcp=True) as server:
        yield server


@pytest.fixture(scope="module")
def database_url(somebodys: DatabaseServer) -> str:
    """DATABASE_URL: somebody's own database, with something in it."""
    db = somebodys.create("their_own")
    run_sql(db, "CREATE TABLE theirs (name text)")
    return db.url


@pytest.fixture
def open_kind(request: pytest.FixtureRequest, cache: Path, tmp_path: Path) -> Iterator[Callable[[str], DatabaseServer]]:
    """Open servers that are closed after the test."""
    opened: list[DatabaseServer] = []

    def open_kind(kind: str) -> DatabaseServer:
        if kind == "private":
            opened.append(open_server(None, folder=cache, run="test"))
        elif kind == "external":
            opened.append(open_server(request.getfixturevalue("database_url"), folder=tmp_path, run="test"))
        else:
            opened.append(open_server("sqlite+aiosqlite:", folder=tmp_path, run="test"))
        return opened[-1]

    yield open_kind
    for server in reversed(opened):
        server.close()


@pytest.fixture
def start_run(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Start runs in processes of their own; each with the name of the database that it made."""
    started: list[subprocess.Popen[str]] = []

    def start_run(url: str, run: str = "other", folder: Path = tmp_path) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-c", RUN, url, str(folder), run]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    yield start_run
    for process in started:
        process.kill()
        process.communicate()
