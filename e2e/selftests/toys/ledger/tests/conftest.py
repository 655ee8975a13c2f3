"""Wiring only: the ledger as tests speak to it."""

import pytest


@pytest.fixture
def sql(http):
    def run(statement, path="/"):
        answer = http.post(path, content=statement)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return run


@pytest.fixture
def written(sql):
    """A fixture that writes: its rows are there for the test, wherever the test names it."""
    sql("INSERT INTO empty DEFAULT VALUES")
