"""Checks of what a run stands on: Python, coverage.py, uvicorn, the port, the database. Driver process.

Each raises EnvironmentFault. None starts or makes anything.
"""

from __future__ import annotations

import os
import shlex
import socket
import sys
from importlib.util import find_spec

from afterawait.faults import EnvironmentFault
from afterawait.services import command
from afterawait.services.ports import bind
from afterawait.services.service import missing
from afterawait.settings import Settings

OLDEST_PYTHON = (3, 12)
LOSING, LOSES_NOTHING = (7, 13, 1), (7, 17)
"""coverage.py from the one to before the other deletes data silently in combine: its issue 2338."""


def check(settings: Settings) -> None:
    """What takes no time."""
    python(sys.version_info[:3])
    coverage_version(_coverage())
    if settings.server:
        command.started(shlex.split(settings.server), os.environ | dict(settings.env))
    elif find_spec("uvicorn") is None:
        message = f"uvicorn, which serves the application, is not installed for {sys.executable}."
        raise EnvironmentFault(message, hint="Run `pip install uvicorn` in the environment that afterawait runs in.")
    loopback()
    for each in settings.services:
        environ, cwd = os.environ | dict(each.env), str(settings.root / each.cwd)
        command.started(shlex.split(each.command), environ, who=f"The service {each.name}", hint=missing(each), cwd=cwd)
    if settings.port and (settings.names_port or not settings.server):
        bind(settings.port).close()


def loopback() -> None:
    """All that a run starts is reached there; in a container or a namespace without a network it may be down."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        try:
            socket.create_connection(listening.getsockname(), timeout=5).close()
        except OSError as error:
            message = f"127.0.0.1, where the server is to be reached, does not answer: {error.strerror or error}."
            raise EnvironmentFault(message, hint="Bring the loopback interface up: ip link set lo up") from None


def python(version: tuple[int, ...]) -> None:
    """Below 3.12 no setting of coverage.py measures without loss."""
    if version < OLDEST_PYTHON:
        said = ".".join(map(str, version))
        message = f"This is Python {said}, on which coverage.py loses lines of async code."
        raise EnvironmentFault(message, hint="Run with Python 3.12 or newer.")


def coverage_version(version: tuple[int, ...]) -> None:
    """Some versions of coverage.py lose data without a word."""
    if LOSING <= version < LOSES_NOTHING:
        said = ".".join(map(str, version))
        message = f"coverage.py {said} is installed, and 7.13.1 to 7.16.2 can delete measured data without a word."
        raise EnvironmentFault(message, hint='Run `pip install "coverage>=7.17"`.')


def _coverage() -> tuple[int, ...]:
    import coverage

    return tuple(each for each in coverage.version_info[:3] if isinstance(each, int))


def database(settings: Settings) -> None:
    """The server that is given answers, or PostgreSQL's binaries are here."""
    from afterawait.databases import factory

    if settings.needs_database:
        factory.check(settings.database_url, setting=settings.database_setting, pg_bin=settings.pg_bin)
