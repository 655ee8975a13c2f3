"""Tables, types and sessions of SQLAlchemy's. Part of a measured program."""

import asyncio
import os
import uuid

from sqlalchemy import ForeignKey, String, TypeDecorator, event, inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, validates

engine = create_async_engine(os.environ["DATABASE_URL"], pool_size=16, max_overflow=0, pool_timeout=60)


@event.listens_for(engine.sync_engine, "before_cursor_execute")
def in_the_greenlet(connection, cursor, statement, parameters, context, many):
    if "listened" in statement:
        heard = statement.upper()
        assert heard


class Upper(TypeDecorator):
    impl = String
    cache_ok = True

    def process_bind_param(self, value, dialect):
        bound = value.upper()
        return bound

    def process_result_value(self, value, dialect):
        found = value.lower()
        return found


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Upper, unique=True)
    parts: Mapped[list["Part"]] = relationship()

    @validates("name")
    def not_empty(self, key, value):
        if not value:
            raise ValueError(key)
        return value


class Part(Base):
    __tablename__ = "parts"
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))


def tables(connection):
    Base.metadata.create_all(connection)
    names = inspect(connection).get_table_names()
    return sorted(names)


@asynccontextmanager
async def lifespan(app):
    async with engine.begin() as connection:
        await connection.run_sync(tables)
    async with AsyncSession(engine) as session, session.begin():
        session.add(Item(name="taken"))
    yield
    await engine.dispose()


async def opened_session():
    async with AsyncSession(engine) as session:
        try:
            yield session
        finally:
            await session.rollback()
            session.info.clear()


async def add_taken(session):
    session.add(Item(name="taken"))
    try:
        await session.flush()
    except IntegrityError:
        await session.rollback()
        return False
    return True


async def refuse(session, turns):
    await session.execute(text("SELECT 1"))
    if turns > 1:
        raise Refused(turns)
    return turns


async def slow(session):
    try:
        await session.execute(text("SELECT 1"))
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        await session.rollback()
        raise
