"""A service that is told of `{db.url}` works on the server's own database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.selftests import processes
from e2e.selftests.plain_pytest import HELLO, Somebodys
from e2e.selftests.project import TOYS

TABLES = """
[[tool.afterawait.services]]
name = "auditor"
command = "python auditor.py {port}"
ready = "/"
env = { DB = "{db.url}" }
"""
TESTS = """\
import httpx
import pytest

pids = []


@pytest.fixture
def audited(server):
    def ask():
        pid, entries = httpx.get(f"http://127.0.0.1:{server.service_ports['auditor']}").json()
        pids.append(pid)
        return entries

    return ask


def test_both_are_on_one_database(sql, audited):
    before = audited()
    sql("INSERT INTO entry (account, amount) VALUES (1, 7)")
    assert audited() == before + 1


def test_it_changes_the_schema(sql, audited, reset_database):
    assert audited() == 2
    sql("ALTER TABLE entry ADD more int")


def test_both_are_on_the_next_one(sql, audited, reset_database):
    sql("INSERT INTO entry (account, amount) VALUES (1, 7)")
    assert audited() == 3
    assert len(set(pids)) == 2
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Somebodys]:
    """A project on PostgreSQL, with a service on its database."""
    project = Somebodys(tmp_path / "ledger", toy=HELLO.parent / "ledger")
    shutil.copy(TOYS / "beside" / "auditor.py", project.root)
    with (project.root / "pyproject.toml").open("a") as file:
        file.write(TABLES)
    yield project
    project.close()


@pytest.mark.full
def test_a_service_is_on_the_servers_database_and_follows_it(ledger: Somebodys) -> None:
    """Where the database is made anew, what is connected to it is started anew as the server is."""
    ledger.write("tests/test_audit.py", TESTS)

    ended = ledger.pytest("tests/test_audit.py")

    assert ended.status == 0, ended.output
    assert "3 passed" in ended.output
    assert not processes.of(ledger.root)
