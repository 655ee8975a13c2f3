"""The URL of a database is read and written as SQLAlchemy does it, without SQLAlchemy."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some
from sqlalchemy import engine

from afterawait.databases.url import URL

TEXT = some.text(some.characters(exclude_categories=["Cs", "Cc"]))
WORDS = some.text(some.characters(categories=["L", "N"]), min_size=1)
HOSTS = some.from_regex(r"[a-z0-9.-]{1,20}", fullmatch=True) | some.ip_addresses(v=6).map(str)
DATABASES = some.one_of(
    WORDS, TEXT.map("/{}".format), some.sampled_from(["", "relative.db", "/a b.db", "C#.db", "1%.db"])
)
QUERIES = some.dictionaries(WORDS, some.lists(TEXT.filter(bool), min_size=1, max_size=3), max_size=3)


@some.composite
def urls(draw: some.DrawFn) -> engine.URL:
    """URLs of every shape that SQLAlchemy can write."""
    user = draw(some.none() | TEXT)
    return engine.URL.create(
        draw(some.sampled_from(["postgresql+asyncpg", "postgresql", "sqlite+aiosqlite"])),
        username=user,
        password=draw(some.none() | TEXT) if user is not None else None,
        host=draw(some.none() | HOSTS),
        port=draw(some.none() | some.integers(1, 65535)),
        database=draw(some.none() | DATABASES),
        query=draw(QUERIES),
    )


def as_read(url: URL) -> engine.URL:
    """What we read, in SQLAlchemy's terms."""
    query: dict[str, list[str]] = {}
    for key, value in url.query:
        query.setdefault(key, []).append(value)
    return engine.URL.create(
        url.driver,
        username=url.user,
        password=url.password,
        host=url.host,
        port=url.port,
        database=url.database,
        query={key: values[0] if len(values) == 1 else values for key, values in query.items()},
    )


@settings(database=None, deadline=None, max_examples=500)
@given(urls())
@example(engine.make_url("postgresql+asyncpg://:1//%40"))
def test_every_url_is_read_as_sqlalchemy_reads_it(url: engine.URL) -> None:
    """Each part is the same, and what we write SQLAlchemy reads as the same again."""
    text = url.render_as_string(hide_password=False)

    found = URL.parse(text)

    assert as_read(found) == engine.make_url(text)
    assert engine.make_url(found.text) == engine.make_url(text)
    assert URL.parse(found.text) == found


@pytest.mark.parametrize(
    "text",
    [
        "postgresql+asyncpg://me:p%40%2F%25w@db.example:6000/x",
        "postgresql+asyncpg://me:a/b?c#d@h/x",
        "postgresql://me:@h/x",
        "postgresql://[fe80::1]:5433/x",
        "postgresql+asyncpg://postgres@/x?host=/run/pg&port=5433",
        "postgresql+psycopg://h/x?host=a:1&host=b:2&sslmode=require",
        "postgresql+asyncpg://h/x?options=-c%20work_mem%3D1MB&empty=",
        "sqlite+aiosqlite://",
        "sqlite+aiosqlite:///",
        "sqlite+aiosqlite:///relative.db",
        "sqlite+aiosqlite:////absolute/a%20b.db?timeout=7",
    ],
)
def test_what_people_write_is_read_as_sqlalchemy_reads_it(text: str) -> None:
    """The shapes of SQLAlchemy's documentation, and some beside them."""
    assert as_read(URL.parse(text)) == engine.make_url(text)
    assert engine.make_url(URL.parse(text).text) == engine.make_url(text)


@pytest.mark.parametrize("path", ["/a b/é/C#/x.db", "/100%/x.db", "/a+b/x.db"])
def test_a_files_path_is_written_as_it_stands(path: str) -> None:
    """SQLAlchemy before 2.1 decodes nothing there: it would make another file."""
    assert URL("sqlite+aiosqlite", database=path).text == f"sqlite+aiosqlite:///{path}"


@pytest.mark.parametrize("path", ["/a%20b/x.db", "/why?/x.db"])
def test_a_path_that_would_be_read_otherwise_is_encoded(path: str) -> None:
    """SQLAlchemy 2.1 reads the path that was meant."""
    assert engine.make_url(URL("sqlite+aiosqlite", database=path).text).database == path


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:sesame@h/x", "postgresql://me:***@h/x"),
        ("postgresql://me@h/x?password=sesame&sslpassword=sesame", "postgresql://me@h/x?password=***&sslpassword=***"),
        ("postgresql://me@h/x", "postgresql://me@h/x"),
    ],
)
def test_a_password_is_shown_to_nobody(text: str, shown: str) -> None:
    """Neither in messages nor in tracebacks."""
    assert URL.parse(text).shown == shown
    assert repr(URL.parse(text)) == f"URL({shown!r})"


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("postgresql:///x", []),
        ("postgresql://h/x", [("h", None)]),
        ("postgresql://h:1/x", [("h", 1)]),
        ("postgresql://:1/x", [("", 1)]),
        ("postgresql://%2Frun%2Fpg/x", [("/run/pg", None)]),
        ("postgresql:///x?host=/run/pg", [("/run/pg", None)]),
        ("postgresql://h:1/x?host=/run/pg", [("/run/pg", 1)]),
        ("postgresql:///x?host=a:1&host=b:2", [("a", 1), ("b", 2)]),
        ("postgresql:///x?host=a,b&port=1,2", [("a", 1), ("b", 2)]),
        ("postgresql:///x?host=a,b&port=1", [("a", 1), ("b", 1)]),
        ("postgresql:///x?host=%3A%3A1&port=1", [("::1", 1)]),
    ],
)
def test_a_server_may_be_named_in_several_ways(text: str, addresses: list[tuple[str, int | None]]) -> None:
    """SQLAlchemy's and libpq's, for one server and for several."""
    assert URL.parse(text).addresses() == addresses
