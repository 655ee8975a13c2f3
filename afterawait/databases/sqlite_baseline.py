"""What an SQLite database held, brought back in place through SQLite's own backups. Test process."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from afterawait.databases.baseline import RESTORE_SECONDS, Baseline
from afterawait.faults import ApplicationFault, EnvironmentFault

PAUSE = 0.02


class SqliteBaseline(Baseline):
    """Of the database in `file`, kept in `copy`. The application's connections notice it as they do any other write."""

    def __init__(self, file: Path, copy: Path) -> None:
        self._file = file
        self._copy = copy
        self._copied(file, copy)

    def restore(self) -> None:
        """See Baseline. The schema comes back as well."""
        self._copied(self._copy, self._file)

    def close(self) -> None:
        """See Baseline."""
        self._copy.unlink(missing_ok=True)

    def _copied(self, source: Path, target: Path) -> None:
        deadline = time.monotonic() + RESTORE_SECONDS
        try:
            with (
                closing(sqlite3.connect(source, timeout=0)) as given,
                closing(sqlite3.connect(target, timeout=0)) as to,
            ):
                given.backup(to, progress=_until(deadline), sleep=PAUSE)
        except _Held:
            raise ApplicationFault(
                f"reset_database: the database was locked for {RESTORE_SECONDS:g} s.",
                hint="Let the application (or the test's own client) end its transaction: commit, roll back, or close"
                " the session before the test ends.",
            ) from None
        except sqlite3.Error as error:
            raise EnvironmentFault(
                f"The SQLite database could not be reset: {error}.",
                hint="Give yourself the right to write there, or make room on that disk.",
            ) from None


def _opened(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, timeout=0)  # the backup waits, and tells us


class _Held(Exception):
    """Somebody else's transaction is open."""


def _until(deadline: float) -> Callable[[int, int, int], None]:
    """What a backup calls after each step, one that found the database locked among them; it would try for ever."""

    def progress(status: int, remaining: int, total: int) -> None:  # noqa: ARG001  # SQLite's
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} and time.monotonic() > deadline:
            raise _Held

    return progress
