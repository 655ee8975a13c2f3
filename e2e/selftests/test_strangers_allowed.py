"""What is no stranger's: databases that are allowed, that the run made, and files that it brought into being."""

from __future__ import annotations

import os

import pytest

from afterawait.databases.url import URL
from e2e.selftests import database_servers, strangers_shop
from e2e.selftests.strangers_shop import (
    of_driver,
    shop,
    with_stock,
)
from e2e.selftests.toy_projects import Toy

cache = database_servers.cache
somebodys = database_servers.somebodys
toy = strangers_shop.toy
theirs = strangers_shop.theirs


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
