"""Databases in SQLite files: copied whole, beside the file that the URL names, removed when their run is dead."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.engine import make_url

from afterawait.databases.base import Database
from afterawait.databases.factory import open_server
from e2e.selftests import database_servers
from e2e.selftests.database_servers import run_sql, with_table

start_run = database_servers.start_run


def test_sqlite_files_of_a_killed_run_are_removed_at_the_next_start_and_no_others(
    start_run: Callable[..., tuple[subprocess.Popen[str], str]], tmp_path: Path
) -> None:
    """The folder of a run that lives is claimed by it."""
    killed, of_the_killed = start_run("sqlite+aiosqlite:", run="one")
    _, of_the_living = start_run("sqlite+aiosqlite:", run="two")
    killed.kill()
    killed.wait()
    for each in (of_the_killed, of_the_living):
        os.utime(Path(each).parent, (0, 0))

    open_server("sqlite+aiosqlite:", folder=tmp_path, run="three").close()

    assert [str(each) for each in tmp_path.iterdir()] == [str(Path(of_the_living).parent)]


def test_the_file_that_a_sqlite_url_names_is_not_touched(tmp_path: Path) -> None:
    """Its options are kept, but for those that say where the database is."""
    theirs = tmp_path / "theirs.db"
    url = f"sqlite+aiosqlite:///{theirs}?timeout=7&cache=shared"

    with open_server(url, folder=tmp_path, run="one") as server:
        db = server.create("main")
        with_table(db)

    assert make_url(db.url).query == {"timeout": "7"}
    assert not theirs.exists()


def test_a_sqlite_template_in_wal_mode_is_copied_whole(tmp_path: Path) -> None:
    """The copy of the file alone holds everything, also where setup ended without closing."""
    abrupt = """
import os, sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA journal_mode=WAL")
connection.execute("CREATE TABLE cities (name text)")
connection.execute("INSERT INTO cities VALUES ('Ulm')")
connection.commit()
os._exit(0)
"""

    def setup(db: Database) -> None:
        subprocess.run([sys.executable, "-c", abrupt, db.placeholders()["db.name"]], check=True)

    with open_server("sqlite+aiosqlite:", folder=tmp_path, run="one") as server:
        server.prepare_template(setup)

        assert run_sql(server.create("main"), "SELECT name FROM cities") == ["Ulm"]
