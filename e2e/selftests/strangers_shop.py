"""A shop whose `.env` names a stranger's database, and the witnesses. Test process of the selftests.

A test module takes the fixtures over by name: `theirs = strangers_shop.theirs`, with those that it needs.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from afterawait.databases.base import DatabaseServer
from afterawait.databases.postgres import PrivatePostgres
from afterawait.databases.url import URL
from e2e.selftests import database_servers, toy_projects
from e2e.selftests.database_servers import run_sql
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


def with_stock(file: Path) -> None:
    """Make a database with a row."""
    connection = sqlite3.connect(file)
    with connection:
        connection.execute("CREATE TABLE stock (pieces integer)")
        connection.execute("INSERT INTO stock VALUES (7)")
    connection.close()
