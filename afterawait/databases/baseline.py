"""What a database held at one moment, to be brought back while the application stays connected to it. Test process.

Baseline             one shape
├── PostgresBaseline rows and sequences, through SQL      postgres_baseline.py
└── SqliteBaseline   the whole file, through its backups  sqlite_baseline.py
"""

from __future__ import annotations

from abc import ABC, abstractmethod

RESTORE_SECONDS = 5.0
"""How long transactions of the application may keep a database from being restored."""


class NotInPlace(Exception):
    """The database cannot be brought back under its connections: it must be made anew. The text says why."""


class Baseline(ABC):
    """Taken of a database when it is made. Its methods raise EnvironmentFault where the database refuses."""

    @abstractmethod
    def restore(self) -> None:
        """Bring the database back to what it held. Its connections stay open, and see it from then on.

        Raises NotInPlace, with nothing changed, and ApplicationFault where a transaction is open for too long.
        """

    @abstractmethod
    def close(self) -> None:
        """Forget it. Idempotent."""
