"""A coverage.py data file with very many contexts, written through SQLite. Driver process.

`CoverageData` makes the file, but hashes each number that it is given and binds each arc by itself: with 10,000 tests
that takes five times as long. The rows go in as https://coverage.readthedocs.io/en/latest/dbschema.html says; where
this coverage.py has another schema, or this SQLite no JSON, `CoverageData` writes them after all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from coverage import CoverageData
from coverage.exceptions import DataError
from coverage.numbits import nums_to_numbits

SCHEMA = 7
"""The version of coverage.py's schema that is written here: that of 5.0 to 7.17."""
PAGES = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536"  # KB; as coverage.py does

Arc = tuple[int, int]
Lines = Iterable[tuple[str, str, Collection[int]]]
"""File name, context, line numbers; no two have both name and context in common."""
Arcs = Iterable[tuple[str, Sequence[Arc], Iterable[tuple[str, Sequence[int]]]]]
"""File name, its arcs, and by context which of them, as places in the sequence; each once."""


def write_lines(path: Path, files: Collection[str], found: Lines) -> None:
    """A new data file of lines at `path`, which knows of `files`, those in `found` among them."""
    new = CoverageData(basename=str(path))
    new.add_lines({})
    new.touch_files(files)
    new.close()
    with _opened(path) as database:
        if ids := _Ids.of(database):
            rows = ((ids.files[name], ids.context(whose), nums_to_numbits(lines)) for name, whose, lines in found)
            database.executemany("INSERT INTO line_bits (file_id, context_id, numbits) VALUES (?, ?, ?)", rows)
            ids.write(database)
            return
    for name, whose, lines in found:
        new.set_context(whose)
        new.add_lines({name: lines})
    new.close()


def write_arcs(path: Path, files: Collection[str], found: Arcs) -> None:
    """The same with arcs."""
    new = CoverageData(basename=str(path))
    new.add_arcs({})
    new.touch_files(files)
    new.close()
    with _opened(path) as database:
        if ids := _Ids.of(database):
            for name, arcs, chosen in found:
                _insert_arcs(database, ids, ids.files[name], arcs, chosen)
            ids.write(database)
            return
    for name, arcs, chosen in found:
        for whose, places in chosen:
            new.set_context(whose)
            new.add_arcs({name: [arcs[place] for place in places]})
    new.close()


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """What goes wrong on the way (the disk is full, say) is raised as coverage.py does: DataError."""
    try:
        with closing(sqlite3.connect(path)) as database:
            yield database
    except sqlite3.Error as error:
        raise DataError(f"Couldn't write the data file {path}: {error}") from error


class _Ids:
    """The ids of files and contexts in a new data file."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self.files = {name: number for number, name in database.execute("SELECT id, path FROM file")}
        self._contexts: dict[str, int] = {}

    @classmethod
    def of(cls, database: sqlite3.Connection) -> _Ids | None:
        """None where the file is not one that is known here how to write."""
        try:
            known: tuple[int, str] = database.execute("SELECT version, json_array() FROM coverage_schema").fetchone()
        except sqlite3.OperationalError:
            return None
        if known[0] != SCHEMA:
            return None
        database.executescript(PAGES)
        return cls(database)

    def context(self, name: str) -> int:
        """Its id, a new one if need be."""
        return self._contexts.setdefault(name, len(self._contexts) + 1)

    def write(self, database: sqlite3.Connection) -> None:
        """Write the contexts down, and end the transaction."""
        rows = ((number, name) for name, number in self._contexts.items())
        database.executemany("INSERT INTO context (id, context) VALUES (?, ?)", rows)
        database.commit()


def _insert_arcs(
    database: sqlite3.Connection,
    ids: _Ids,
    file: int,
    arcs: Sequence[Arc],
    chosen: Iterable[tuple[str, Sequence[int]]],
) -> None:
    """One statement a context: SQLite itself takes the arcs from a table of them, at a third of the time."""
    database.execute("CREATE TEMP TABLE IF NOT EXISTS arcs (place INTEGER PRIMARY KEY, start INTEGER, end INTEGER)")
    database.execute("DELETE FROM temp.arcs")
    database.executemany("INSERT INTO temp.arcs VALUES (?, ?, ?)", ((at, *arc) for at, arc in enumerate(arcs)))
    for whose, places in chosen:
        database.execute(
            "INSERT INTO arc (file_id, context_id, fromno, tono)"
            " SELECT ?, ?, start, end FROM json_each(?) JOIN temp.arcs ON place = value",
            (file, ids.context(whose), str(list(places))),
        )
