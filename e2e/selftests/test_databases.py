"""The databases of a run: one shape on a private PostgreSQL, on a given server and in SQLite files."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import pool, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from e2e.harness.database import Database, DatabaseServer, attach, fill, open_server
from e2e.harness.errors import EnvironmentFault
from e2e.harness.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30.0
KINDS = ("private", "given", "sqlite")

# A run in small: makes a database, says so, and lives until it is killed.
RUN = """
import sys, time
from pathlib import Path
from e2e.harness.database import open_server
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


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What stands for .e2e, with the cache in it."""
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
        elif kind == "given":
            opened.append(open_server(request.getfixturevalue("database_url"), folder=tmp_path, run="test"))
        else:
            opened.append(open_server("sqlite+aiosqlite:", folder=tmp_path, run="test"))
        return opened[-1]

    yield open_kind
    for server in reversed(opened):
        server.close()


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, open_kind: Callable[[str], DatabaseServer]) -> DatabaseServer:
    """A server of each kind in turn."""
    return open_kind(request.param)


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


def admin_url(server: DatabaseServer) -> str:
    """The URL of the server's own session."""
    return server.address()["session"]


def databases_on(server: DatabaseServer) -> set[str]:
    """The names of all databases, whoever made them."""
    return set(run_sql(admin_url(server), "SELECT datname::text FROM pg_database"))


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


def test_the_database_that_database_url_names_is_not_written_to(
    open_kind: Callable[[str], DatabaseServer], database_url: str
) -> None:
    """The run's databases are beside it; the URLs differ in nothing else."""
    server = open_kind("given")
    db = server.create("main")
    with_table(db)
    name = db.placeholders()["db.name"]

    assert make_url(database_url).set(database=name) == make_url(db.url)
    tables = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    assert run_sql(database_url, tables) == ["theirs"]


def test_databases_of_a_killed_run_are_dropped_at_the_next_start_and_no_others(
    open_kind: Callable[[str], DatabaseServer],
    start_run: Callable[..., tuple[subprocess.Popen[str], str]],
    somebodys: DatabaseServer,
    database_url: str,
) -> None:
    """A run that lives, in another checkout say, keeps its own, and so does whoever calls a database much like ours."""
    killed, of_the_killed = start_run(database_url, run="one")
    _, of_the_living = start_run(database_url, run="one")
    lookalike = somebodys.create("shop_main").placeholders()["db.name"]
    killed.kill()
    killed.wait()
    run = of_the_killed.split("_")[1]
    living = "SELECT application_name FROM pg_stat_activity"
    wait_until(lambda: f"e2e:{run}" not in run_sql(database_url, living), seconds=SECONDS)
    assert {of_the_killed, of_the_living, lookalike} <= databases_on(somebodys)

    open_kind("given")

    left = databases_on(somebodys)
    assert of_the_killed not in left
    assert {of_the_living, lookalike} <= left


def test_a_run_that_dies_of_a_signal_is_cleaned_up_after_without_its_template(
    open_kind: Callable[[str], DatabaseServer], somebodys: DatabaseServer
) -> None:
    """Ctrl-C during setup: nothing half-made stays."""
    server = open_kind("given")

    def interrupted(_: Database) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        server.prepare_template(interrupted)

    assert f"{server.address()['prefix']}template" not in databases_on(somebodys)


def test_sqlite_files_of_a_killed_run_are_removed_at_the_next_start_and_no_others(
    start_run: Callable[..., tuple[subprocess.Popen[str], str]], tmp_path: Path
) -> None:
    """The folder of a run that lives is claimed by it."""
    killed, of_the_killed = start_run("sqlite+aiosqlite:", run="one")
    _, of_the_living = start_run("sqlite+aiosqlite:", run="two")
    killed.kill()
    killed.wait()
    for each in (of_the_killed, of_the_living):
        os.utime(Path(each).parent, (0, 0))

    open_server("sqlite+aiosqlite:", folder=tmp_path, run="three").close()

    assert [str(each) for each in tmp_path.iterdir()] == [str(Path(of_the_living).parent)]


def test_the_file_that_a_sqlite_url_names_is_not_touched(tmp_path: Path) -> None:
    """Its options are kept, but for those that say where the database is."""
    theirs = tmp_path / "theirs.db"
    url = f"sqlite+aiosqlite:///{theirs}?timeout=7&cache=shared"

    with open_server(url, folder=tmp_path, run="one") as server:
        db = server.create("main")
        with_table(db)

    assert make_url(db.url).query == {"timeout": "7"}
    assert not theirs.exists()


def test_a_sqlite_template_in_wal_mode_is_copied_whole(tmp_path: Path) -> None:
    """The copy of the file alone holds everything, also where setup ended without closing."""
    abrupt = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("CREATE TABLE cities (name text)")
connection.execute("INSERT INTO cities VALUES ('Ulm')")
connection.commit()
os._exit(0)
"""

    def setup(db: Database) -> None:
        subprocess.run([sys.executable, "-c", abrupt, db.placeholders()["db.name"]], check=True)

    with open_server("sqlite+aiosqlite:", folder=tmp_path, run="one") as server:
        server.prepare_template(setup)

        assert run_sql(server.create("main"), "SELECT name FROM cities") == ["Ulm"]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        pytest.param("mysql+aiomysql://me:sesame@localhost/x", "'mysql.aiomysql'.*Use one of postgres", id="driver"),
        pytest.param("postgresql+psycopg://me:sesame@localhost/x", "'postgresql\\+psycopg'", id="sync-driver"),
        pytest.param("me:sesame", "not the URL of a database", id="garbage"),
        pytest.param("postgresql://me:sesame@localhost:port/x", "not the URL of a database", id="port"),
        pytest.param("postgresql+asyncpg://me:sesame@127.0.0.1:1/x", "can't be reached.*Start that", id="refused"),
        pytest.param("postgresql+asyncpg://me:sesame@no.such.host.invalid/x", "can't be reached", id="no-host"),
        pytest.param("postgresql+asyncpg://me:sesame@127.0.0.1:1/x?colour=red", "can't be used: .*colour", id="option"),
        pytest.param("postgresql+asyncpg://me@127.0.0.1:1/x?password=sesame", "can't be reached", id="in-the-query"),
        pytest.param("postgres://me:sesame@127.0.0.1:1/x", "can't be reached", id="without-a-driver"),
    ],
)
def test_a_database_url_of_no_use_is_refused_with_a_reason(url: str, says: str, tmp_path: Path) -> None:
    """One sentence on what failed, one on what to do; the password in neither."""
    with pytest.raises(EnvironmentFault, match=f"(?s){says}") as fault:
        open_server(url, folder=tmp_path, run="one")

    assert "sesame" not in f"{fault.value}{fault.value!r}"
    assert fault.value.__context__ is None or fault.value.__suppress_context__


def test_a_server_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    """Something listens and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+asyncpg://me@127.0.0.1:{silent.getsockname()[1]}/x"
        with pytest.raises(EnvironmentFault, match="no answer within"):
            open_server(url, folder=tmp_path, run="one")


@pytest.mark.parametrize("driver", ["postgresql+asyncpg", "postgresql", "postgres"])
def test_a_wrong_password_is_said_and_not_shown(database_url: str, tmp_path: Path, driver: str) -> None:
    """Whichever way the URL is written."""
    wrong = make_url(database_url).set(drivername=driver, password="sesame").render_as_string(hide_password=False)

    with pytest.raises(EnvironmentFault, match=r"(?s)refuses the login.*Correct the user and password") as fault:
        open_server(wrong, folder=tmp_path, run="one")

    assert "sesame" not in str(fault.value)


def test_a_user_who_may_not_create_databases_is_told_so(database_url: str, tmp_path: Path) -> None:
    """Before anything is begun."""
    run_sql(database_url, "CREATE ROLE poor LOGIN PASSWORD 'sesame'")
    poor = make_url(database_url).set(username="poor", password="sesame").render_as_string(hide_password=False)

    with pytest.raises(EnvironmentFault, match=r"(?s)'poor' may not create databases.*CREATEDB") as fault:
        open_server(poor, folder=tmp_path, run="one")

    assert "sesame" not in str(fault.value)


def test_a_plain_user_who_may_create_databases_is_enough(
    database_url: str, tmp_path: Path, start_run: Callable[..., tuple[subprocess.Popen[str], str]]
) -> None:
    """No superuser is needed: to see that another user's run lives, to copy the template, to drop."""
    run_sql(database_url, "CREATE ROLE plain LOGIN CREATEDB PASSWORD 'sesame'")
    plain = make_url(database_url).set(username="plain", password="sesame").render_as_string(hide_password=False)
    _, of_the_other = start_run(database_url)

    with open_server(plain, folder=tmp_path, run="one") as server:
        server.prepare_template(with_table)
        assert run_sql(server.create("main"), "SELECT name FROM cities") == ["Ulm"]
        assert of_the_other in databases_on(server)


def test_a_url_whose_database_does_not_exist_is_enough(
    database_url: str, somebodys: DatabaseServer, tmp_path: Path
) -> None:
    """CI names a database that nobody made: the run needs none of it."""
    url = make_url(database_url).set(database="nobody_made_it").render_as_string(hide_password=False)

    with open_server(url, folder=tmp_path, run="one") as server:
        assert server.create("main").placeholders()["db.name"] in databases_on(somebodys)


def test_a_server_that_is_lost_is_found_again(
    open_kind: Callable[[str], DatabaseServer], somebodys: DatabaseServer
) -> None:
    """An administrator who ends our session costs a new one, not the run."""
    server = open_kind("given")
    application = server.address()["application"]
    killing = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"
    assert run_sql(admin_url(somebodys), killing, name=application) == [True]

    def recovered() -> bool:
        try:
            server.create("main")
        except EnvironmentFault:  # the statement that noticed
            return False
        return True

    wait_until(recovered, seconds=SECONDS)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param(
            "postgresql+asyncpg://postgres@/e2e_main?host=/run/pg",
            {"host": "/run/pg", "port": "5432", "name": "e2e_main", "user": "postgres", "password": ""},
            id="socket",
        ),
        pytest.param(
            "postgresql://me:s%40same@db.example:6000/x",
            {"host": "db.example", "port": "6000", "name": "x", "user": "me", "password": "s@same"},
            id="port",
        ),
        pytest.param(
            "sqlite+aiosqlite:////data/x.db",
            {"host": "", "port": "", "name": "/data/x.db", "user": "", "password": ""},
            id="sqlite",
        ),
    ],
)
def test_placeholders_are_the_parts_of_the_url(url: str, expected: dict[str, str]) -> None:
    """As an application takes them that has a setting for each."""
    found = Database("main", url).placeholders()

    assert found == {"db.url": url} | {f"db.{key}": value for key, value in expected.items()}


def test_filling_replaces_placeholders_and_nothing_else() -> None:
    """Other braces, JSON say, belong to the application."""
    assert fill('{"dsn": "{db.name}@{db.host}"} {x}', {"db.name": "n", "db.host": "{db.name}"}) == (
        '{"dsn": "n@{db.name}"} {x}'
    )


def test_an_unknown_placeholder_is_refused_by_name() -> None:
    """With the list of those that exist."""
    with pytest.raises(EnvironmentFault, match=r"(?s)\{db\.hots\}.*Use only \{db\.host\}") as fault:
        fill("{db.hots}", {"db.host": "h"})

    assert fault.value.do


@pytest.mark.parametrize("url", ["postgresql://me:sesame@h/x", "postgresql://me@h/x?password=sesame"])
def test_a_password_is_not_in_the_repr(url: str) -> None:
    """Which ends in tracebacks and logs."""
    assert "sesame" not in repr(Database("main", url))


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
