"""A database is made where a project asks for one, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from afterawait.settings import load
from e2e.selftests.exploring import Exploration
from e2e.selftests.project import Project

# Where PostgreSQL would be looked for; it holds none, so that every attempt to start one fails.
NO_POSTGRESQL = {"AFTERAWAIT_PG_BIN": "/nonexistent"}


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Project]:
    """A project without a database."""
    project = Project(tmp_path / "plain", toy="no_database")
    yield project
    project.close()


@pytest.mark.parametrize("xdist", [(), ("-n", "2")], ids=["plain", "xdist"])
def test_a_project_that_asks_for_no_database_gets_none(plain: Project, xdist: tuple[str, ...]) -> None:
    """Server and setup command run without; the header says so."""
    ended = plain.run(*xdist, env=NO_POSTGRESQL)

    assert ended.status == 0, ended.output
    assert re.search(r"^afterawait: no database$", ended.output, re.MULTILINE)
    assert (plain.root / "prepared").read_text() == "hello"


def test_a_database_url_for_something_else_is_not_connected_to(plain: Project) -> None:
    """Many have the variable set; a project that asks for no database need not reach what it names."""
    ended = plain.run(env={"DATABASE_URL": "postgresql+asyncpg://me@127.0.0.1:1/x"})

    assert ended.status == 0, ended.output


def test_a_test_may_ask_for_a_database_where_the_project_does_not(plain: Project) -> None:
    """One server on one, beside those without."""
    plain.write(
        "tests/test_more.py",
        "def test_more(start_server):\n"
        "    more = start_server(database='sqlite')\n"
        "    assert more.database_url.startswith('sqlite+aiosqlite:////')\n",
    )

    ended = plain.run(env=NO_POSTGRESQL)

    assert ended.status == 0, ended.output


@pytest.mark.parametrize(
    ("settings", "environ", "expected"),
    [
        ("", {}, False),
        ("", {"DATABASE_URL": "sqlite+aiosqlite:"}, False),
        ('database = "sqlite"', {}, True),
        ('env = {URL = "{db.url}"}', {}, True),
        ('env = {URL = "{port}"}', {}, False),
    ],
)
def test_a_database_is_needed_where_it_is_set_or_a_placeholder_stands_for_it(
    project: Project, settings: str, environ: dict[str, str], expected: bool
) -> None:
    """Nothing else asks for one."""
    project.write("pyproject.toml", f'[tool.afterawait]\napp = "toy.main:app"\nsource = ["toy"]\n{settings}\n')

    assert load(project.root, environ).needs_database is expected


def test_a_misspelt_kind_of_database_is_refused_by_name(project: Project) -> None:
    """It is never taken for the usual kind."""
    project.write("tests/test_more.py", "def test_more(start_server):\n    start_server(database='sqllite')\n")

    ended = project.run(env=NO_POSTGRESQL)

    assert ended.status == 1, ended.output
    assert "start_server(database=...) asks for 'sqllite'" in ended.output
    assert "Did you mean 'sqlite'?" in ended.output


@pytest.mark.parametrize(
    ("database", "says"),
    [
        ("sqllite", r"database asks for 'sqllite'.*\n.*Did you mean 'sqlite'\?"),
        ("postgresql://me:sesame@127.0.0.1:1/x", r"database \(postgresql://me:\*\*\*@127.0.0.1:1/x\) can't be reached"),
    ],
    ids=["misspelt", "unreachable"],
)
def test_a_database_of_no_use_is_named_by_the_setting_that_asks_for_it(
    project: Project, database: str, says: str
) -> None:
    """DATABASE_URL is blamed for what it says itself alone."""
    project.replace("pyproject.toml", "sqlite+aiosqlite:", database)

    ended = project.run()

    assert ended.status == 4, ended.output
    assert re.search(rf"\[tool\.afterawait\]\.{says}", ended.output), ended.output
    assert "sesame" not in ended.output


def test_a_project_without_a_database_can_be_explored(plain: Project) -> None:
    """There is nothing to keep from one exploration to the next."""
    exploration = Exploration(plain, env=NO_POSTGRESQL)

    answer = exploration.use("/")

    assert answer.text == "hello"
    assert "no database" in exploration.stop()
    assert exploration.process.returncode == 0, exploration.output
