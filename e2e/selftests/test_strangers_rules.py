"""What identifies a database: the rules inside a measured process, without one."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from afterawait.agent.strangers import birth, drivers, libpq, variables
from afterawait.agent.strangers.rules import Rules
from afterawait.agent.strangers.target import Target
from e2e.selftests import processes

TICK = 0.1  # seconds; a kernel's clock for files is coarser
SHOP = Target("postgresql", "asyncpg", "db.example.com", 5432, "shop")


def rules(folder: Path, **more: object) -> Rules:
    """Those of a run that begins now."""
    return Rules(str(folder), str(folder), "server", time.time(), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("host", "port", "database", "allowed"),
    [
        ("127.0.0.1", 5433, "any", True),
        ("localhost", 5433, "any", True),
        ("::1", 5433, "any", True),
        ("/run/ours", 5432, "any", True),
        ("/run/ours/../ours", 5432, "any", True),
        ("localhost", 5432, "any", False),
        ("/run/theirs", 5432, "any", False),
        ("", 5432, "any", False),
        ("pooler.invalid", 6432, "afterawait_7x01234567_main", True),
        ("pooler.invalid", 6432, "shop", False),
    ],
)
def test_a_server_is_told_by_its_address_and_a_runs_database_on_anothers_by_its_name(
    tmp_path: Path, host: str, port: int, database: str, allowed: bool
) -> None:
    """A run's name on a server that it was lent is random: it is the run's through a pooler, too."""
    known = rules(tmp_path, servers=[("127.0.0.1", 5433), ("/run/ours", 5432)], prefixes=["afterawait_7x01234567_"])

    assert known.allow(Target("postgresql", "psycopg", host, port, database)) is allowed


def test_what_libpq_is_not_told_it_has_from_its_service_then_its_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And several hosts are several targets."""
    service = tmp_path / "services"
    service.write_text("[other]\nhost=no\n[shop]\nhost=a,b\nport=1,2\n")
    monkeypatch.setenv("PGSERVICEFILE", str(service))
    monkeypatch.setenv("PGDATABASE", "of_the_environment")
    monkeypatch.setenv("PGHOST", "c")

    found = [(each.host, each.port, each.database) for each in libpq.targets({"service": "shop"}, "psycopg")]

    assert found == [("a", 1, "of_the_environment"), ("b", 2, "of_the_environment")]
    assert [each.host for each in libpq.targets({}, "psycopg")] == ["c"]
    assert [each.host for each in libpq.targets({"host": "d", "hostaddr": "10.0.0.1"}, "psycopg")] == ["10.0.0.1"]


@pytest.mark.parametrize(
    ("lines", "found", "scheme"),
    [
        ("export DSN='postgresql+asyncpg://u:p@db.example.com/shop'", {"DSN": "{db.url}"}, "postgresql+asyncpg"),
        ("A=postgresql://db.example.com/a\nDSN=postgres://db.example.com/shop # it", {"DSN": "{db.url}"}, "postgres"),
        (
            "DB_HOST=db.example.com\nDB_PORT=5432\nDB_NAME=shop\nDB_USER=u\nDB_PASSWORD=p\nNAME=x",
            {
                "DB_HOST": "{db.host}",
                "DB_PORT": "{db.port}",
                "DB_NAME": "{db.name}",
                "DB_USER": "{db.user}",
                "DB_PASSWORD": "{db.password}",
            },
            "",
        ),
        ("DSN=postgresql://db.example.com:5433/shop\nDB_NAME=other", {}, ""),
    ],
    ids=["a URL", "the one of two", "in parts", "none"],
)  # fmt: skip
def test_the_variable_is_found_in_the_env_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: str, found: dict[str, str], scheme: str
) -> None:
    """By what it holds, whatever it is called."""
    (tmp_path / ".env").write_text(lines + "\n")
    monkeypatch.chdir(tmp_path)

    assert variables.holding(SHOP, str(tmp_path)) == (found, ".env" if found else "", scheme)


@pytest.mark.parametrize(
    ("database", "uri", "file"),
    [
        (":memory:", False, ""),
        ("", False, ""),
        ("file::memory:?cache=shared", True, ""),
        ("file:name?mode=memory&cache=shared", True, ""),
        ("file:/name?vfs=memdb", True, ""),
        ("file:/a%20b.db?mode=ro", True, "/a b.db"),
        ("file://localhost/a.db", True, "/a.db"),
        (b"/a.db", False, "/a.db"),
        (Path("/a.db"), False, "/a.db"),
    ],
)
def test_the_file_that_sqlite_opens(database: object, uri: bool, file: str) -> None:
    """None in memory."""
    assert drivers._file(database, uri=uri) == file


def test_a_file_is_the_runs_if_it_was_born_in_it(tmp_path: Path) -> None:
    """What was there before is not, even changed since."""
    old = tmp_path / "old.db"
    sqlite3.connect(old).close()
    old.write_bytes(b"")
    processes.until(lambda: time.time() - old.stat().st_ctime > TICK, "the file is older than the run")
    (folder := tmp_path / "run").mkdir()
    known = rules(folder)
    old.write_bytes(b"changed")
    new = tmp_path / "new.db"
    if birth.of(str(old)) is None:
        pytest.skip("this file system does not say when a file was born")

    assert not known.allow(Target("sqlite", "sqlite3", database=str(old)))
    new.touch()
    assert known.allow(Target("sqlite", "sqlite3", database=str(new)))


def test_nobody_pays_who_is_not_asked() -> None:
    """Without rules in the environment no finder stands in the way of imports, and nothing is imported for it."""
    asked = "import sys; print([each for each in sys.modules if 'strangers' in each or each.endswith('agent.imports')])"

    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
