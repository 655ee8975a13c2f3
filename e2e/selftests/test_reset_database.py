"""`reset_database`: each test finds what the server found when it had started, and no connection of it was ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.selftests.plain_pytest import HELLO, Somebodys

SCHEMA_CHANGED = """
def test_it_changes_the_schema(sql, reset_database, server):
    sql({statement!r})


def test_the_schema_is_as_ever(sql, reset_database, server, capsys):
    assert sql("SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public'") == [[6]]
    assert sql("SELECT id, amount, twice FROM entry ORDER BY id") == [[1, 5, 10], [2, 100, 200]]


def test_the_next_is_in_place_again(sql, request, server):
    sql("DELETE FROM written")
    before = server.pid
    request.getfixturevalue("reset_database")
    assert server.pid == before
    assert sql("SELECT count(*) FROM written") == [[2]]
"""
HELD = """
def test_it_leaves_a_transaction_open(sql, reset_database):
    sql("UPDATE entry SET amount = 0", "/open")


def test_it_cannot_begin(sql, reset_database):
    assert False, "never run"
"""
UNSEEN = """
def test_it_writes(sql, server):
    sql("INSERT INTO empty DEFAULT VALUES")


def test_it_asks_late(sql, request):
    request.getfixturevalue("reset_database")
    assert sql("SELECT id FROM empty") == []
    assert sql("SELECT count(*) FROM entry") == [[2]]
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Somebodys]:
    """A project on PostgreSQL."""
    project = Somebodys(tmp_path / "ledger", toy=HELLO.parent / "ledger")
    yield project
    project.close()


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_each_test_begins_with_what_the_server_found(ledger: Somebodys, workers: tuple[str, ...]) -> None:
    """Rows, sequences, what triggers wrote; with fixtures that write, and after a commit that came late."""
    ended = ledger.pytest(*workers)

    assert ended.status == 0, ended.output
    assert "9 passed" in ended.output


def test_a_measured_run_with_resets_is_believed(ledger: Somebodys) -> None:
    """In place or by another process: the measurement is whole."""
    ledger.write("tests/test_schema.py", SCHEMA_CHANGED.format(statement="ALTER TABLE entry ADD more int"))

    ended = ledger.run("-n0", "-p", "no:cacheprovider")

    assert ended.status == 0, ended.output
    assert "12 passed" in ended.output
    assert "coverage     ledger 100.00 % of lines" in ended.output


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE entry ADD more int",
        "DROP TABLE empty",
        "CREATE TABLE another (id int)",
        "CREATE OR REPLACE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE INDEX ON entry (amount)",
    ],
    ids=["column", "dropped", "created", "function", "index"],
)
def test_a_changed_schema_is_undone_by_a_new_database_and_server(ledger: Somebodys, statement: str) -> None:
    """Which the test's output says; afterwards rows are brought back in place again."""
    ledger.write("tests/test_schema.py", SCHEMA_CHANGED.format(statement=statement))

    ended = ledger.pytest("tests/test_schema.py", "-rP")

    assert ended.status == 0, ended.output
    assert ended.output.count("reset_database started the server anew, on a new database") == 1, ended.output
    assert "the schema was changed" in ended.output


def test_a_transaction_that_stays_open_is_named(ledger: Somebodys) -> None:
    """The test fails with the statement that holds the locks, and no other is harmed."""
    ledger.write("tests/test_held.py", HELD)

    ended = ledger.pytest("tests/test_held.py")

    assert ended.status == 1, ended.output
    assert "1 passed, 1 error" in ended.output
    assert "transactions kept their locks for 5 s" in ended.output
    assert "idle in transaction" in ended.output
    assert "UPDATE entry SET amount = 0" in ended.output
    assert "Traceback" not in ended.output


def test_asked_for_while_the_tests_run_it_makes_all_anew(ledger: Somebodys) -> None:
    """What the database held before the first test is not known then."""
    ledger.write("tests/test_unseen.py", UNSEEN)

    ended = ledger.pytest("tests/test_unseen.py", "-rP")

    assert ended.status == 0, ended.output
    assert "no test that was collected asked for it" in ended.output


def test_against_somebody_elses_server_it_is_skipped(ledger: Somebodys) -> None:
    """With the variable that names it: nobody's database is touched."""
    ledger.write("tests/test_more.py", "def test_it(reset_database, database_url):\n    pass\n")
    ledger.write("tests/elsewhere.py", ELSEWHERE)

    ended = ledger.pytest("tests/test_more.py", "-p", "tests.elsewhere", "-rs")

    assert ended.status == 0, ended.output
    assert "the server was started by somebody else (AFTERAWAIT_BASE_URL)" in ended.output


ELSEWHERE = '''
"""A server of somebody else's, which answers anything with an error."""

import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

there = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
threading.Thread(target=there.serve_forever, daemon=True).start()
os.environ["AFTERAWAIT_BASE_URL"] = f"http://127.0.0.1:{there.server_port}"
'''


@pytest.mark.parametrize("fixture", ["reset_database", "database_url"])
def test_without_a_database_the_test_is_told_what_to_write(tmp_path: Path, fixture: str) -> None:
    """One sentence, and no traceback."""
    project = Somebodys(tmp_path / "toy", toy=HELLO.parent / "no_database")
    project.write("tests/test_service.py", f"def test_it({fixture}):\n    pass\n")

    ended = project.pytest()
    project.close()

    assert ended.status != 0, ended.output
    assert "this project has none" in ended.output
    assert 'database = "postgresql"' in ended.output
    assert "Traceback" not in ended.output
