"""The URL of a database: refused with a reason, taken apart for placeholders, its password never shown."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from afterawait.databases.base import Database, fill
from afterawait.databases.factory import open_server
from afterawait.faults import EnvironmentFault
from e2e.selftests import database_servers
from e2e.selftests.database_servers import run_sql

cache = database_servers.cache
somebodys = database_servers.somebodys
database_url = database_servers.database_url


@pytest.mark.parametrize(
    ("url", "says"),
    [
        pytest.param("mysql+aiomysql://me:sesame@localhost/x", "'mysql.aiomysql'.*Known are postgresql, ", id="driver"),
        pytest.param(
            "postgresql+asyncgp://me:sesame@localhost/x", "Did you mean 'postgresql\\+asyncpg'", id="misspelt"
        ),
        pytest.param("sqllite", "asks for 'sqllite'.*Did you mean 'sqlite'", id="misspelt-kind"),
        pytest.param("me:sesame", "not the URL of a database", id="garbage"),
        pytest.param("postgresql://me:sesame@localhost:port/x", "not the URL of a database", id="port"),
        pytest.param("postgresql://me:ses@ame@localhost/x", "percent-encoded", id="unescaped"),
        pytest.param("postgresql+psycopg://me:sesame@127.0.0.1:1/x", "can't be reached", id="psycopg"),
        pytest.param("postgresql+psycopg2:///x?host=127.0.0.1&port=1", "can't be reached", id="only-query"),
        pytest.param("postgresql+asyncpg:///x?host=h&port=red", "can't be used: .*red", id="port-in-the-query"),
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

    assert not {"sesame", "ses@ame"} & {*re.findall(r"[\w@]+", f"{fault.value}{fault.value!r}")}
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


@pytest.mark.parametrize("url", ["postgresql://me:sesame@h/x", "postgresql://me@h/x?password=sesame"])
def test_a_password_is_not_in_the_repr(url: str) -> None:
    """Which ends in tracebacks and logs."""
    assert "sesame" not in repr(Database("main", url))
