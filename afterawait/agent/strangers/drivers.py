"""The known drivers: what is patched of each as it is imported, and where it is about to connect. Measured processes.

What builds on them (SQLAlchemy, databases, Django, Tortoise, peewee, piccolo) comes through here as well.
"""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, unquote

from afterawait.agent.imports import Patch
from afterawait.agent.record import complain
from afterawait.agent.strangers import libpq
from afterawait.agent.strangers.refusal import refuse
from afterawait.agent.strangers.rules import Rules
from afterawait.agent.strangers.target import PORTS, Target

Reading = Callable[..., Iterable[Target]]
"""Called with the arguments of a function that connects: where it will."""

MEASURING = "coverage."
"""Modules whose SQLite files are coverage.py's data."""


def patches(rules: Rules) -> dict[str, Patch]:
    """What to do with which module when it has been imported."""

    def patch(*attributes: str, reading: Callable[[ModuleType], Reading]) -> Patch:
        return lambda module: _guard(module, attributes, reading(module), rules)

    return {
        "asyncpg.connect_utils": patch("_connect_addr", reading=lambda _: _asyncpg),
        "psycopg.generators": patch("connect", reading=lambda _: _psycopg),
        "psycopg2": patch("_connect", reading=_psycopg2),
        "sqlite3.dbapi2": patch("connect", reading=lambda _: _sqlite3),
        "sqlite3": patch("connect", reading=lambda _: _sqlite3),
        # It connects in a thread of its own: here the application's line is still to be seen.
        "aiosqlite.core": patch("connect", reading=lambda _: _aiosqlite),
        "pg8000.core": patch("CoreConnection.__init__", reading=_pg8000),
        "pymysql.connections": patch("Connection.connect", reading=lambda _: _pymysql),
        "aiomysql.connection": patch("Connection._connect", reading=lambda _: _aiomysql),
    }


def _guard(module: ModuleType, attributes: Iterable[str], reading: Reading, rules: Rules) -> None:
    """Let functions of the module refuse what the rules do not allow, before they do anything."""
    for attribute in attributes:
        place: Any = module
        *parts, name = attribute.split(".")
        for part in parts:
            place = getattr(place, part)
        original = getattr(place, name)
        if not hasattr(original, "afterawait_guards"):  # sqlite3 takes it over from sqlite3.dbapi2
            setattr(place, name, _guarded(original, reading, rules))


def _guarded(original: Callable[..., Any], reading: Reading, rules: Rules) -> Callable[..., Any]:
    @functools.wraps(original)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        for target in _read(reading, args, kwargs):
            if not rules.allow(target):
                refuse(target, rules)
        return original(*args, **kwargs)

    guarded.afterawait_guards = True  # type: ignore[attr-defined]
    return guarded


def _read(reading: Reading, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Target]:
    try:
        return list(reading(*args, **kwargs))
    except Exception as error:  # what cannot be read is most often wrong: the driver says so itself
        complain("where this process connects to cannot be read", error)
        return []


# -- one reading a driver


def _asyncpg(*, addr: Any, params: Any, **_: Any) -> Iterable[Target]:
    host, port = _of_socket(addr) if isinstance(addr, str) else addr[:2]
    yield Target("postgresql", "asyncpg", host, int(port), params.database or params.user or "")


def _psycopg(conninfo: str, *_: Any, **__: Any) -> Iterable[Target]:
    told = sys.modules["psycopg"].conninfo.conninfo_to_dict(conninfo)
    return libpq.targets(told, "psycopg")


def _psycopg2(module: ModuleType) -> Reading:
    def read(dsn: str, *_: Any, **__: Any) -> Iterable[Target]:
        return libpq.targets(module.extensions.parse_dsn(dsn), "psycopg2")

    return read


def _sqlite3(database: Any, *_: Any, **more: Any) -> Iterable[Target]:
    depth = 3  # sqlite3.connect's caller, above this generator, _read and the guarded function
    if str(sys._getframe(depth).f_globals.get("__name__", "")).startswith(MEASURING):
        return
    yield Target("sqlite", "sqlite3", database=_file(database, uri=more.get("uri", False)))


def _aiosqlite(database: Any, *_: Any, **more: Any) -> Iterable[Target]:
    path = database if isinstance(database, str | bytes) else str(database)
    yield Target("sqlite", "aiosqlite", database=_file(path, uri=more.get("uri", False)))


def _pg8000(module: ModuleType) -> Reading:
    signature = inspect.signature(module.CoreConnection.__init__)

    def read(*args: Any, **kwargs: Any) -> Iterable[Target]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        told = bound.arguments
        socket = told.get("unix_sock")
        host, port = _of_socket(socket) if socket else (told["host"] or "localhost", told["port"])
        yield Target("postgresql", "pg8000", host, int(port), _text(told["database"] or told["user"]))

    return read


def _pymysql(connection: Any, *_: Any, **__: Any) -> Iterable[Target]:
    yield _mysql("pymysql", connection.unix_socket, connection.host, connection.port, connection.db)


def _aiomysql(connection: Any, *_: Any, **__: Any) -> Iterable[Target]:
    yield _mysql("aiomysql", connection._unix_socket, connection._host, connection._port, connection._db)


def _mysql(driver: str, socket: Any, host: Any, port: Any, database: Any) -> Target:
    return Target("mysql", driver, _text(socket or host), PORTS["mysql"] if socket else int(port), _text(database))


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value or "")


def _of_socket(path: str) -> tuple[str, int]:
    """The folder and the number of a PostgreSQL's Unix socket: /tmp/.s.PGSQL.5432."""
    folder, _, name = path.rpartition("/")
    port = name.rpartition(".")[2]
    return folder, int(port) if port.isdigit() else PORTS["postgresql"]


def _file(database: Any, *, uri: bool) -> str:
    """The file that SQLite opens, absolute; "" for none: in memory, or a temporary one of its own."""
    path = os.fsdecode(database)
    if uri and path.startswith("file:"):
        path, _, query = path.removeprefix("file:").partition("#")[0].partition("?")
        told = parse_qs(query)
        if told.get("mode") == ["memory"] or told.get("vfs") == ["memdb"]:
            return ""
        path = unquote(path)
        if path.startswith("//"):
            path = "/" + path[2:].partition("/")[2]
    return "" if path in {"", ":memory:"} else os.path.abspath(path)
