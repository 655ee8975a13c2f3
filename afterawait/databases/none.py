"""No database, in the shape of one: for a project that has no use for it. Test process."""

from __future__ import annotations

from collections.abc import Callable

from afterawait.databases.base import Database, DatabaseServer
from afterawait.databases.baseline import Baseline
from afterawait.faults import EnvironmentFault

NONE = "The tests ask for the server's database, and this project has none."
HINT = """Write `database = "postgresql"` or `database = "sqlite"` into [tool.afterawait], and hand {db.url} to the\
 application in [tool.afterawait.env]."""


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

    def baseline(self, db: Database) -> Baseline:  # noqa: ARG002  # as in DatabaseServer
        """See DatabaseServer. Raises EnvironmentFault: there is nothing to restore."""
        raise fault()

    def address(self) -> dict[str, str]:
        """See DatabaseServer."""
        return {"kind": "none"}

    def close(self) -> None:
        """See DatabaseServer."""


def fault() -> EnvironmentFault:
    """For a test that asks for what is not there."""
    return EnvironmentFault(NONE, hint=HINT)
