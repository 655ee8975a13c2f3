"""Whether a run's databases can be made on a PostgreSQL server that somebody runs. Driver and test process."""

from __future__ import annotations

from afterawait.databases.admin import Session
from afterawait.databases.url import URL
from afterawait.faults import EnvironmentFault

OLDEST = 13  # the first with DROP DATABASE ... WITH (FORCE)
APPLICATION = "afterawait:"
OR_PRIVATE = 'write just "postgresql" there to get a private PostgreSQL'


def check(url: URL, setting: str) -> None:
    """Raise EnvironmentFault where no run could use that server. Nothing is made there."""
    called = f"{setting} ({url.shown})"
    session = Session(url, application=f"{APPLICATION}check", called=called, otherwise=OR_PRIVATE)
    try:
        check_server(session, called)
    finally:
        session.close()


def check_server(session: Session, called: str) -> None:
    """Raise EnvironmentFault where a run's databases cannot be made there."""
    if session.major < OLDEST:
        raise EnvironmentFault(
            f"{called} is PostgreSQL {session.major}.",
            hint=f"Give a server of version {OLDEST} or newer, or {OR_PRIVATE}.",
        )
    ((user, may),) = session.rows(
        "SELECT current_user::text, rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
    )
    if not may:
        raise EnvironmentFault(
            f"{called}: the user {user!r} may not create databases there.",
            hint=f'Run `ALTER ROLE "{user}" CREATEDB` as an administrator, or give another user.',
        )
