"""Each test finds what setup and the start of the application wrote, and spoils it."""

import pytest

SPOILING = [
    "INSERT INTO entry (account, amount) VALUES (1, 7)",
    "UPDATE entry SET amount = amount + 1",
    'TRUNCATE entry, books."Account" CASCADE',
    "SELECT setval('entry_id_seq', 900)",
    "INSERT INTO empty DEFAULT VALUES",
]
START = ["cash", [5, 100], [1, 2], None, 3]


@pytest.mark.parametrize("number", range(len(SPOILING) + 1))
def test_it_begins_as_ever(sql, reset_database, number, server):
    found = sql('SELECT min(name), (SELECT count(*) FROM empty) FROM books."Account"')
    entries = sql("SELECT id, amount, twice FROM entry ORDER BY id")
    notes = sql("SELECT entry FROM written ORDER BY entry")
    new = sql("INSERT INTO entry (account, amount) VALUES (1, 7) RETURNING id")

    assert found == [["cash", 0]]
    assert entries == [[1, 5, 10], [2, 100, 200]]
    assert notes == [[1], [2]]
    assert new == [[3]]
    for each in SPOILING[number : number + 1]:
        sql(each)


def test_what_a_fixture_writes_stays(sql, written, reset_database):
    assert sql("SELECT id FROM empty") == [[1]]


def test_what_is_committed_after_the_response_is_waited_for(sql, reset_database):
    sql("INSERT INTO entry (account, amount) VALUES (1, 8)", "/late")


def test_and_is_gone(sql, reset_database):
    assert sql("SELECT count(*) FROM entry") == [[2]]
