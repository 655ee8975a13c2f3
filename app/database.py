"""The engine, and the two kinds of sessions on it; in the server process, and in `app.schema`."""

from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from app.config import Settings

PATIENCE = 30
"""Seconds: to connect to PostgreSQL, to wait for SQLite's one writer, to wait for a free connection."""


class Database:
    """An engine, and the two kinds of sessions on it."""

    def __init__(self, settings: Settings) -> None:
        self.engine = _engine(settings)
        self.reads = async_sessionmaker(self.engine, expire_on_commit=False)
        writer = self.engine.execution_options(begin="BEGIN IMMEDIATE")
        self.writes = async_sessionmaker(writer, expire_on_commit=False)

    @property
    def is_postgresql(self) -> bool:
        """Whether there is LISTEN and NOTIFY."""
        return self.engine.dialect.name == "postgresql"


def _engine(settings: Settings) -> AsyncEngine:
    url = make_url(settings.database_url.get_secret_value())
    engine = create_async_engine(
        url,
        pool_size=settings.pool_size,
        max_overflow=0,
        pool_timeout=PATIENCE,
        hide_parameters=True,
        connect_args={"timeout": PATIENCE},
    )
    if url.get_backend_name() == "sqlite":
        _make_sqlite_transactional(engine)
    return engine


def _make_sqlite_transactional(engine: AsyncEngine) -> None:
    """Foreign keys, readers beside the writer, and transactions that begin where SQLAlchemy says so.

    A transaction that reads first and writes later fails at once if another has written meanwhile, however
    long it would wait; one that says BEGIN IMMEDIATE waits for its turn before it reads.
    https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#pysqlite-serializable
    """

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def insert_for(session: AsyncSession, model: type[DeclarativeBase]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT, as both databases do, each with a class of its own in SQLAlchemy."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(model)
    return sqlite.insert(model)
