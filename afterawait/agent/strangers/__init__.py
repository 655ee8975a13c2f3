"""Never a stranger's database: a connection to one is refused before it is made. In measured processes.

An application may read a `.env` that names a real database. So each process of a run, but for those that run tests,
refuses what is neither the run's own nor allowed by `databases_allowed`:

    drivers.py   how a driver is got hold of as it is imported, and where it is about to connect to
    target.py    what identifies a database: its kind, server and name, or its file
    libpq.py     what libpq adds from its environment to what it is told
    rules.py     whether a database is the run's own or allowed
    birth.py     when a file came into being
    refusal.py   the exception that the application gets, and the note that the run reads

Drivers are patched as they are imported, in their last step before they connect: by then each has put together what
it was told from its arguments, its URL, its environment and its files. It costs 6 ms of a measured process's start
and 4 microseconds a connection, and nothing between. The other way, an audit hook, is called for every event of a
process (8,600 while FastAPI, SQLAlchemy and asyncpg are imported, at 0.5 to 1 microsecond each), cannot be taken away
again, sees no database's name, and of psycopg, whose sockets are made in C, nothing at all.
"""

from __future__ import annotations

import os

from afterawait import protocol

_begun = False


def begin() -> None:
    """Refuse, from here on, what the rules in AFTERAWAIT_DATABASES do not allow. Raises nothing."""
    global _begun  # noqa: PLW0603  # one process, one guard
    text = os.environ.get(protocol.DATABASES)
    if _begun or not text:
        return
    _begun = True
    from afterawait.agent.record import complain

    try:
        from afterawait.agent import imports
        from afterawait.agent.strangers import drivers
        from afterawait.agent.strangers.rules import Rules

        imports.after(drivers.patches(Rules.parse(text)))
    except Exception as error:  # the application must run
        complain("connections to other databases are not refused", error)
