"""SQLite databases, a file each, in a folder of the run's own. Test process."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from afterawait.databases.base import TEMPLATE, Database, DatabaseServer, checked_name
from afterawait.databases.url import URL
from afterawait.faults import EnvironmentFault
from afterawait.processes import reaper

PREFIX = "sqlite-"
# What says where a database is, which is ours to say.
PLACE = ("cache", "mode", "uri", "vfs", "nolock", "immutable")


class SqliteFiles(DatabaseServer):
    """One file a database. Of the URL the driver and its options are kept; the file it names is not touched."""

    def __init__(self, url: URL, *, folder: Path, run: str) -> None:
        self._use(url, folder.absolute() / f"{PREFIX}{run}-{secrets.token_hex(4)}")
        self._make_folder()

    @classmethod
    def attach(cls, address: Mapping[str, str]) -> Self:
        """Use the folder that another process of this run made."""
        attached = cls.__new__(cls)
        attached._use(URL.parse(address["url"]), Path(address["folder"]))
        return attached

    def _use(self, url: URL, folder: Path) -> None:
        self.source = "sqlite"
        self.version = f"SQLite {sqlite3.sqlite_version}"
        self._url = URL(url.driver, query=tuple(pair for pair in url.query if pair[0] not in PLACE))
        self._folder = folder
        self._claimed: int | None = None

    def create(self, name: str) -> Database:
        """See DatabaseServer."""
        db = self._database(checked_name(name))
        self.drop(db)
        template = self._file(TEMPLATE)
        try:
            if template.exists():
                shutil.copyfile(template, self._file(name))
        except OSError as error:
            raise _fault(error) from None
        return db

    def drop(self, db: Database) -> None:
        """See DatabaseServer."""
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(f"{self._file(db.name)}{suffix}").unlink(missing_ok=True)

    def prepare_template(self, setup: Callable[[Database], None]) -> None:
        """See DatabaseServer. The template gets its name when it is finished: other processes look for it."""
        draft = self._database(f"{TEMPLATE}-draft")
        self._file(TEMPLATE).unlink(missing_ok=True)
        self.drop(draft)
        try:
            setup(draft)
            self._freeze(draft)
        finally:
            self.drop(draft)

    def _freeze(self, draft: Database) -> None:
        try:
            connection = sqlite3.connect(self._file(draft.name))
            try:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # a copy of the file alone must be whole
            finally:
                connection.close()
            self._file(draft.name).rename(self._file(TEMPLATE))
        except (OSError, sqlite3.Error) as error:
            raise _fault(error) from None

    def own(self) -> dict[str, list[Any]]:
        """See DatabaseServer."""
        return {"folders": [str(self._folder)]}

    def address(self) -> dict[str, str]:
        """See DatabaseServer."""
        return {"kind": "sqlite", "folder": str(self._folder), "url": self._url.text}

    def close(self) -> None:
        """See DatabaseServer."""
        if self._claimed is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            os.close(self._claimed)
            self._claimed = None

    def _make_folder(self) -> None:
        try:
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            reaper.sweep(str(self._folder.parent), PREFIX)
            self._folder.mkdir()
            self._claimed = reaper.claim(str(self._folder))
        except OSError as error:
            raise _fault(error) from None

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.db"

    def _database(self, name: str) -> Database:
        return Database(name, replace(self._url, database=str(self._file(name))).text)


def _fault(error: Exception) -> EnvironmentFault:
    return EnvironmentFault(
        f"An SQLite database could not be made: {error}.",
        hint="Give yourself the right to write there, or make room on that disk.",
    )
