"""No database, in the shape of one: for a project that has no use for it. Test process."""

from __future__ import annotations

from collections.abc import Callable

from afterawait.databases.base import Database, DatabaseServer


class NoDatabase(DatabaseServer):
    """Nothing is made, and each `{db.xxx}` is empty. The setup command still runs, once."""

    source = "none"
    version = "no database"
    description = version

    def create(self, name: str) -> Database:
        """See DatabaseServer."""
        return Database(name, "")

    def drop(self, db: Database) -> None:
        """See DatabaseServer."""

    def prepare_template(self, setup: Callable[[Database], None]) -> None:
        """See DatabaseServer."""
        setup(self.create("none"))

    def address(self) -> dict[str, str]:
        """See DatabaseServer."""
        return {"kind": "none"}

    def close(self) -> None:
        """See DatabaseServer."""
