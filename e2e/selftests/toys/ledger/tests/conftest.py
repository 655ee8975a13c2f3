"""Wiring only: the ledger as tests speak to it."""

import pytest

EVERYTHING = """
    SELECT (SELECT json_agg(a ORDER BY id) FROM books."Account" a)::text, (SELECT json_agg(e ORDER BY id) FROM entry e),
           (SELECT json_agg(w) FROM written w), (SELECT json_agg(x) FROM empty x)
"""


@pytest.fixture
def sql(http):
    def run(statement, path="/"):
        answer = http.post(path, content=statement)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return run


@pytest.fixture
def everything(sql):
    return lambda: sql(EVERYTHING)


@pytest.fixture
def written(sql):
    """A fixture that writes: its rows are there for the test, wherever the test names it."""
    sql("INSERT INTO empty DEFAULT VALUES")
