"""Never a stranger's database: a connection to it is refused before it is made, and the run stops with status 4.

A second PostgreSQL and its log, and an SQLite file's bytes, stand witness.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from afterawait import settings
from afterawait.databases.base import DatabaseServer
from afterawait.databases.url import URL
from afterawait.faults import EnvironmentFault
from afterawait.preflight import checks
from afterawait.runs.folder import RunFolder
from e2e.selftests import database_servers, processes, strangers_shop
from e2e.selftests.database_servers import run_sql
from e2e.selftests.plain_pytest import PLUGIN
from e2e.selftests.strangers_shop import (
    POSTGRES,
    SQLITE,
    arrived,
    is_refused,
    needs,
    of_driver,
    shop,
    with_stock,
)
from e2e.selftests.toy_projects import Toy

cache = database_servers.cache
somebodys = database_servers.somebodys
TICK = 0.1  # seconds; a kernel's clock for files is coarser

toy = strangers_shop.toy
theirs = strangers_shop.theirs


def by_turns(drivers: Iterable[str], *long: str) -> list[object]:
    """All of them, those that another one stands for in the long form only."""
    return [pytest.param(each, marks=pytest.mark.full) if each in long else each for each in drivers]


@pytest.mark.parametrize("driver", by_turns(POSTGRES, "psycopg_async", "sqlalchemy"))
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


@pytest.mark.parametrize("moment", ["import", "setup", "lifespan", "retrying"])
def test_it_is_refused_whenever_the_application_connects(
    toy: Toy, somebodys: DatabaseServer, theirs: URL, moment: str
) -> None:
    """At its import, in `setup`, in its lifespan, in a loop that would go on until the start's timeout.

    In a request: each driver above.
    """
    project = shop(toy, "asyncpg", moment, of_driver(theirs, "postgresql"), start_timeout=3000)
    before = arrived(somebodys)

    ended = project.run()

    assert arrived(somebodys) == before
    assert "at shop/reading.py:" in ended.output
    is_refused(ended, "PostgreSQL")


@pytest.mark.parametrize("moment", ["import", "import, retrying"])
def test_what_the_preflight_imports_is_held_to_it(toy: Toy, tmp_path: Path, moment: str) -> None:
    """It accuses the application of nothing else, and does not wait until an import that tries again gives up."""
    project = shop(toy, "asyncpg", moment, "postgresql://db.invalid/shop", start_timeout=3000)
    run = RunFolder(tmp_path / "run")
    run.path.mkdir()

    with pytest.raises(EnvironmentFault, match=r"The import of the application was about to connect to a database"):
        checks.must_pass(settings.load(project.root), run)


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


@pytest.mark.parametrize("driver", by_turns(SQLITE, "aiosqlite", "sqlalchemy"))
def test_a_strangers_sqlite_file_stays_as_it_is(toy: Toy, driver: str) -> None:
    """Its bytes, its time, and no journal beside it."""
    project = shop(toy, driver, "request", f"{SQLITE[driver]}dev.db")
    file = project.root / "dev.db"
    with_stock(file)
    os.utime(file, (1, 1))
    before = file.read_bytes(), file.stat().st_mtime_ns
    processes.until(lambda: time.time() - file.stat().st_ctime > TICK, "the file is older than the run will be")

    ended = project.run()

    is_not_connected = ended.status == 4 and f"SQLite, the file {file}" in ended.output
    assert is_not_connected, ended.output
    assert "at shop/reading.py:" in ended.output
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
    assert not list(project.root.glob("dev.db-*"))
