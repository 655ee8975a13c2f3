"""The databases of a run: one shape on a private PostgreSQL, on somebody's server and in SQLite files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from afterawait.databases.base import Database, DatabaseServer
from afterawait.databases.factory import attach, open_server
from e2e.selftests import database_servers
from e2e.selftests.database_servers import databases_on, run_sql, with_table

pytestmark = pytest.mark.lowest

KINDS = ("private", "external", "sqlite")

cache = database_servers.cache
somebodys = database_servers.somebodys
database_url = database_servers.database_url
open_kind = database_servers.open_kind


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, open_kind: Callable[[str], DatabaseServer]) -> DatabaseServer:
    """A server of each kind in turn."""
    return open_kind(request.param)


def test_a_database_is_a_copy_of_the_template(server: DatabaseServer) -> None:
    """What setup made is in each, and what happens in one is not in the other."""
    server.prepare_template(with_table)

    one, other = server.create("one"), server.create("other")
    run_sql(one, "INSERT INTO cities VALUES ('Bonn')")

    assert run_sql(one, "SELECT name FROM cities ORDER BY name") == ["Bonn", "Ulm"]
    assert run_sql(other, "SELECT name FROM cities") == ["Ulm"]


def test_without_a_template_a_database_is_empty(server: DatabaseServer) -> None:
    """An application that makes its schema at start-up needs no setup."""
    db = server.create("empty")

    assert run_sql(db, "CREATE TABLE cities (name text)", "SELECT count(*) FROM cities") == [0]


def test_a_setup_that_fails_leaves_no_template(server: DatabaseServer) -> None:
    """Its error is passed on, whatever it is; half a schema is copied nowhere."""

    def failing(db: Database) -> None:
        with_table(db)
        raise OSError("no such command")

    with pytest.raises(OSError, match="no such command"):
        server.prepare_template(failing)

    run_sql(server.create("after"), "CREATE TABLE cities (name text)")


def test_a_template_can_be_prepared_again(server: DatabaseServer) -> None:
    """The later one counts."""

    def with_towns(db: Database) -> None:
        run_sql(db, "CREATE TABLE towns (name text)")

    server.prepare_template(with_table)
    server.prepare_template(with_towns)

    assert run_sql(server.create("later"), "SELECT count(*) FROM towns") == [0]


def test_a_database_of_the_same_name_is_replaced(server: DatabaseServer) -> None:
    """A worker that was started again gets a fresh one."""
    with_table(server.create("again"))

    with_table(server.create("again"))


def test_a_database_is_dropped_while_clients_are_connected(open_kind: Callable[[str], DatabaseServer]) -> None:
    """A server that is still stopping does not hold it; dropping twice is no error."""
    server = open_kind("private")
    db = server.create("busy")

    async def drop_while_connected() -> None:
        engine = create_async_engine(db.url)
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
            server.drop(db)
            await connection.invalidate()
        await engine.dispose()

    asyncio.run(drop_while_connected())
    server.drop(db)

    assert db.placeholders()["db.name"] not in databases_on(server)


def test_a_worker_attaches_by_an_address_that_travels_as_json(server: DatabaseServer) -> None:
    """It copies the same template, and its close() leaves the server and the others' databases alone."""
    server.prepare_template(with_table)
    with attach(json.loads(json.dumps(server.address()))) as worker:
        assert (worker.source, worker.version) == (server.source, server.version)
        db = worker.create("gw0")
        worker.drop(worker.create("gw1"))

    assert run_sql(db, "SELECT name FROM cities") == ["Ulm"]
    assert run_sql(server.create("own"), "SELECT name FROM cities") == ["Ulm"]


def test_closing_leaves_nothing(server: DatabaseServer, somebodys: DatabaseServer) -> None:
    """Every database is gone, template included; closing twice is no error."""
    server.prepare_template(with_table)
    names = [server.create(name).placeholders()["db.name"] for name in ("one", "other")]
    address = server.address()
    session = make_url(address.get("session", "sqlite://"))

    server.close()
    server.close()

    if server.source == "DATABASE_URL":
        assert not {*names, f"{address['prefix']}template"} & databases_on(somebodys)
    elif server.source == "sqlite":
        assert not Path(address["folder"]).exists()
    else:
        assert not Path(str(session.query["host"])).exists()


@pytest.mark.parametrize("name", ["", "template", "Main", 'x"; DROP DATABASE', "../x", "x" * 25])
def test_a_name_that_would_not_do_is_refused(server: DatabaseServer, name: str) -> None:
    """Names end in SQL and in paths."""
    with pytest.raises(ValueError, match="database name"):
        server.create(name)


def test_two_private_servers_run_at_once(open_kind: Callable[[str], DatabaseServer]) -> None:
    """Databases of the same name on each are not the same."""
    one, other = open_kind("private"), open_kind("private")
    with_table(one.create("main"))

    with_table(other.create("main"))


def test_a_server_can_be_used_beside_a_running_event_loop(open_kind: Callable[[str], DatabaseServer]) -> None:
    """An asynchronous test is no obstacle."""

    async def test() -> Database:
        return open_kind("private").create("main")

    with_table(asyncio.run(test()))


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path: Path) -> None:
    """It is no part of the run."""
    (tmp_path / "cache").write_text("a file")

    with open_server(None, folder=tmp_path, run="one") as server:
        with_table(server.create("main"))
