"""Never a stranger's database: a connection to it is refused before it is made, and the run stops with status 4.

A second PostgreSQL and its log, and an SQLite file's bytes, stand witness.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from afterawait import settings
from afterawait.databases.base import DatabaseServer
from afterawait.databases.postgres import PrivatePostgres
from afterawait.databases.url import URL
from afterawait.faults import EnvironmentFault
from afterawait.preflight.application import ImportCheck
from afterawait.runs.folder import RunFolder
from e2e.selftests import database_servers, toy_projects
from e2e.selftests.database_servers import run_sql
from e2e.selftests.plain_pytest import PLUGIN
from e2e.selftests.project import Ended, Project
from e2e.selftests.toy_projects import Toy

cache = database_servers.cache
somebodys = database_servers.somebodys

POSTGRES = {
    "asyncpg": "postgresql",
    "psycopg": "postgresql",
    "psycopg_async": "postgresql",
    "psycopg2": "postgresql",
    "sqlalchemy_async": "postgresql+asyncpg",
    "sqlalchemy": "postgresql+psycopg",
}
SQLITE = {
    "sqlite3": "",
    "aiosqlite": "",
    "sqlalchemy_async": "sqlite+aiosqlite:///",
    "sqlalchemy": "sqlite:///",
}
MOMENTS = ("import", "setup", "lifespan", "retrying", "request")


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Toy]:
    """Copies of projects, ended with the test."""
    with toy_projects.copies(tmp_path) as copied:
        yield copied


@pytest.fixture(scope="module")
def theirs(somebodys: PrivatePostgres) -> URL:
    """A real database of somebody's, on a server that logs each connection as it comes in."""
    db = somebodys.create("their_own")
    run_sql(db, "CREATE TABLE stock (pieces integer)", "INSERT INTO stock VALUES (7)")
    admin = somebodys.address()["session"]
    run_sql(admin, "ALTER SYSTEM SET log_connections = 'on'", "SELECT pg_reload_conf()")
    return URL.parse(db.url)


def arrived(server: DatabaseServer) -> int:
    """How many connections have come in, by the server's own log."""
    assert isinstance(server, PrivatePostgres)
    folder = server._postgres.socket_folder
    return sum(each.read_text(errors="replace").count("connection received") for each in folder.glob("*log*"))


def needs(driver: str, scheme: str) -> None:
    """Skip what needs a driver that is not installed."""
    package = {"postgresql+psycopg": "psycopg", "psycopg_async": "psycopg"}.get(scheme, driver.removesuffix("_async"))
    if package != "sqlalchemy" and find_spec(package) is None:
        pytest.skip(f"{package} is not installed")


def shop(toy: Toy, driver: str, moment: str, url: str, **table: object) -> Project:
    """A project whose .env names `url`."""
    setup = {"setup": "python -m shop.schema"} if moment == "setup" else {}
    env = {"SHOP_DRIVER": driver, "SHOP_MOMENT": moment} | dict(table.pop("env", {}))  # type: ignore[call-overload]
    project = toy("stranger", **setup, **table, env=env)
    project.write(".env", f"DATABASE_URL={url}\n")
    return project


def of_driver(theirs: URL, scheme: str) -> str:
    """The URL of somebody's database, password included."""
    return theirs.text.replace(theirs.driver, scheme, 1)


def is_refused(ended: Ended, where: str) -> None:
    """It says which database, where in the application and which variable, and nothing else is accused."""
    assert ended.status == 4, ended.output
    assert f"was about to connect to a database that is not this run's: {where}" in ended.output
    assert "The variable DATABASE_URL, in .env, holds it." in ended.output
    assert "(1): " not in ended.output
    assert "the second test ran" not in ended.output


@pytest.mark.parametrize("driver", POSTGRES)
def test_not_one_connection_arrives_at_a_strangers_postgresql(
    toy: Toy, somebodys: DatabaseServer, theirs: URL, driver: str
) -> None:
    """By each driver, from an engine that connects lazily at the first request; the password is never shown."""
    needs(driver, POSTGRES[driver])
    project = shop(toy, driver, "request", of_driver(theirs, POSTGRES[driver]))
    before = arrived(somebodys)

    ended = project.run()

    assert arrived(somebodys) == before
    assert ended.status == 4, ended.output
    assert f"PostgreSQL, {theirs.database} on {theirs.host}:{theirs.port}" in ended.output
    assert "at shop/reading.py:" in ended.output
    assert "The variable DATABASE_URL, in .env, holds it." in ended.output
    assert 'DATABASE_URL = "{db.url}"' in ended.output
    assert str(theirs.password) not in ended.output
    assert "swallowed" not in ended.output
    assert "1 failed" in ended.output


def test_the_log_that_stands_witness_sees_a_connection(somebodys: DatabaseServer, theirs: URL) -> None:
    """Else nothing above would prove a thing."""
    before = arrived(somebodys)

    run_sql(theirs.text, "SELECT 1")

    assert arrived(somebodys) == before + 1


@pytest.mark.parametrize("moment", MOMENTS)
def test_it_is_refused_whenever_the_application_connects(
    toy: Toy, somebodys: DatabaseServer, theirs: URL, moment: str
) -> None:
    """At its import, in `setup`, in its lifespan, in a loop that would go on until the start's timeout."""
    project = shop(toy, "asyncpg", moment, of_driver(theirs, "postgresql"), start_timeout=3000)
    before = arrived(somebodys)

    ended = project.run()

    assert arrived(somebodys) == before
    assert "at shop/reading.py:" in ended.output
    if moment != "request":
        is_refused(ended, "PostgreSQL")
    assert ended.status == 4


@pytest.mark.parametrize("moment", ["import", "import, retrying"])
def test_what_the_preflight_imports_is_held_to_it(toy: Toy, tmp_path: Path, moment: str) -> None:
    """It accuses the application of nothing else, and does not wait until an import that tries again gives up."""
    project = shop(toy, "asyncpg", moment, "postgresql://db.invalid/shop", start_timeout=3000)
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()
    check = ImportCheck(settings.load(project.root), run)

    fault = check.fault()

    check.end()
    check.release()
    assert isinstance(fault, EnvironmentFault)
    assert fault.message.startswith("The import of the application was about to connect to a database")


def test_workers_are_held_to_it(toy: Toy, somebodys: DatabaseServer, theirs: URL) -> None:
    """Those of `--workers 2`, spawned by a supervisor."""
    project = shop(toy, "asyncpg", "lifespan", of_driver(theirs, "postgresql"))
    before = arrived(somebodys)

    ended = project.run("--workers", "2")

    assert arrived(somebodys) == before
    is_refused(ended, "PostgreSQL")


def test_two_test_processes_say_it_once(toy: Toy, somebodys: DatabaseServer, theirs: URL) -> None:
    """Each has a server; the run has one fault."""
    project = shop(toy, "asyncpg", "request", of_driver(theirs, "postgresql"))
    before = arrived(somebodys)

    ended = project.run("-n", "2")

    assert arrived(somebodys) == before
    assert ended.status == 4, ended.output
    assert ended.output.count("environment (4): ") == 1


def test_plain_pytest_is_held_to_it(toy: Toy, somebodys: DatabaseServer, theirs: URL) -> None:
    """Nothing is measured there, and a database is as real."""
    project = shop(toy, "asyncpg", "lifespan", of_driver(theirs, "postgresql"))
    before = arrived(somebodys)

    ended = project.run(*PLUGIN, module="pytest.__main__")

    assert arrived(somebodys) == before
    assert ended.status == 4, ended.output
    assert "is not this run's: PostgreSQL" in ended.output


@pytest.mark.parametrize("driver", SQLITE)
def test_a_strangers_sqlite_file_stays_as_it_is(toy: Toy, driver: str) -> None:
    """Its bytes, its time, and no journal beside it."""
    project = shop(toy, driver, "request", f"{SQLITE[driver]}dev.db")
    file = project.root / "dev.db"
    with_stock(file)
    os.utime(file, (1, 1))
    before = file.read_bytes(), file.stat().st_mtime_ns
    time.sleep(0.2)  # a file is no older than the run for a clock's tick

    ended = project.run()

    is_not_connected = ended.status == 4 and f"SQLite, the file {file}" in ended.output
    assert is_not_connected, ended.output
    assert "at shop/reading.py:" in ended.output
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
    assert not list(project.root.glob("dev.db-*"))


def with_stock(file: Path) -> None:
    """Make a database with a row."""
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("CREATE TABLE stock (pieces integer)")
        connection.execute("INSERT INTO stock VALUES (7)")
    connection.close()


@pytest.mark.parametrize("with_name", [True, False], ids=["one database", "a server"])
def test_an_allowed_second_database_works(toy: Toy, theirs: URL, with_name: bool) -> None:
    """By its URL without a password; localhost and 127.0.0.1 are one."""
    allowed = f"postgresql://localhost:{theirs.port}" + f"/{theirs.database}" * with_name
    url = of_driver(theirs, "postgresql")
    project = shop(toy, "asyncpg", "request", url, databases_allowed=[allowed])

    ended = project.run()

    assert ended.status == 0, ended.output


def test_an_allowed_sqlite_file_works(toy: Toy) -> None:
    """By its name below the project's root."""
    project = shop(toy, "aiosqlite", "request", "dev.db", databases_allowed=["dev.db"])
    with_stock(project.root / "dev.db")

    ended = project.run()

    assert ended.status == 0, ended.output


@pytest.mark.parametrize("making", ["copied", "made"])
def test_a_file_that_the_run_brings_into_being_is_its_own(toy: Toy, making: str) -> None:
    """By a `setup` that copies it, and by one that makes it through sqlite3; the server then finds it there."""
    setup = {"copied": "cp seed.db new.db", "made": "python -m shop.making"}[making]
    project = shop(toy, "sqlite3", "request", "new.db", setup=setup)
    with_stock(project.root / "seed.db")
    os.utime(project.root / "seed.db", (1, 1))

    ended = project.run()

    assert ended.status == 0, ended.output


@pytest.mark.parametrize("database", ["sqlite+aiosqlite:", "postgresql+asyncpg:"])
def test_the_runs_own_database_is_reached_through_what_the_run_gives(toy: Toy, database: str) -> None:
    """The variable that the message advises to set leads there."""
    project = shop(
        toy,
        "sqlalchemy_async",
        "request",
        "postgresql://x@db.invalid/x",
        database=database,
        setup="python -m shop.filling",
        env={"DATABASE_URL": "{db.url}"},
    )

    ended = project.run()

    assert ended.status == 0, ended.output


def test_a_given_server_is_the_runs_only_where_its_own_databases_are(toy: Toy, theirs: URL) -> None:
    """DATABASE_URL lends the server; the database that it names stays somebody's."""
    url = of_driver(theirs, "postgresql")
    project = shop(toy, "asyncpg", "request", url, database=url.replace("postgresql", "postgresql+asyncpg", 1))

    ended = project.run()

    assert ended.status == 4, ended.output
    assert f"PostgreSQL, {theirs.database} on " in ended.output
