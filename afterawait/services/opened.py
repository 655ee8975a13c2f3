"""The databases that one stack's servers are on, by kind. Test process, or that of scripts/serve.sh."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from afterawait.databases import base, factory
from afterawait.databases.none import NoDatabase
from afterawait.settings import Settings

DEFAULT = "default"


class OpenedDatabases:
    """Database servers, opened when first asked for; `seconds` counts what that took.

    `setup` runs the project's own command in a database. `kept` is where the databases are kept from one stack to the
    next.
    """

    def __init__(
        self, settings: Settings, seconds: dict[str, float], setup: Callable[[base.Database], None], kept: Path | None
    ) -> None:
        self.by_kind: dict[str, base.DatabaseServer] = {}
        self._settings = settings
        self._seconds = seconds
        self._setup = setup
        self._kept = kept

    def open_default(self) -> None:
        """Start the database server, if there is to be one, and make its template. Raises Fault."""
        began = time.perf_counter()
        settings = self._settings
        self.by_kind[DEFAULT] = (
            self._open(settings.database_url, settings.database_setting, self._kept)
            if settings.needs_database
            else NoDatabase()
        )
        self._seconds["database"] = time.perf_counter() - began
        if self._kept is None or self.by_kind[DEFAULT].existing("main") is None:
            self._prepare(DEFAULT)

    def attach(self, address: Mapping[str, str]) -> None:
        """Use the database server that another process of this run opened."""
        self.by_kind[DEFAULT] = factory.attach(dict(address))

    def of_kind(self, kind: str) -> base.DatabaseServer:
        """One that is opened if need be. Raises Fault."""
        if kind not in self.by_kind:
            self.by_kind[kind] = self._open(kind, "start_server(database=...)")
            self._prepare(kind)
        return self.by_kind[kind]

    def database(self, kind: str, name: str) -> base.Database:
        """A new one; or the one that was kept under that name. Raises Fault."""
        opened = self.of_kind(kind)
        return (opened.existing(name) if self._kept else None) or opened.create(name)

    def close(self, *, keep: bool) -> None:
        """Close them all; `keep` what is to be kept."""
        try:
            if keep and self._kept is not None and DEFAULT in self.by_kind:
                self.by_kind[DEFAULT].keep(self._kept)
        finally:
            for opened in self.by_kind.values():
                opened.close()

    def _open(self, wanted: str | None, setting: str, kept: Path | None = None) -> base.DatabaseServer:
        return factory.open_server(
            wanted,
            setting=setting,
            folder=self._settings.state,
            run=f"{os.getpid()}",
            pg_bin=self._settings.pg_bin,
            tcp=any(each in value for value in self._settings.filled for each in ("{db.host}", "{db.port}")),
            kept=kept,
        )

    def _prepare(self, kind: str) -> None:
        if self._settings.setup:
            began = time.perf_counter()
            self.by_kind[kind].prepare_template(self._setup)
            self._seconds["setup"] = self._seconds.get("setup", 0.0) + time.perf_counter() - began
