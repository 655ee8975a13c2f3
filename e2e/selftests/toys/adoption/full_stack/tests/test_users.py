"""Unit tests."""


def test_the_database_is_there(db):
    assert db
