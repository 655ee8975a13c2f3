"""Twenty-five kinds of asynchronous work over SQLAlchemy, as source text, an endpoint each. Proof process."""

from __future__ import annotations

from e2e.proof import subject
from e2e.proof.oracle import kinds_in

_SQLALCHEMY = """\
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
"""

_MORE = """\


@app.get("/orm")
async def orm(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        item = Item(name=str(uuid.uuid4()))
        session.add(item)
        await session.commit()
        await session.refresh(item)
        name = item.name
        if turns > 2:
            item.name = str(uuid.uuid4())
            await session.commit()
    return name


@app.get("/lazy")
async def lazy(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        item = Item(name=str(uuid.uuid4()), parts=[Part() for _ in range(turns)])
        session.add(item)
        await session.flush()
        session.expire(item)
        parts = await item.awaitable_attrs.parts
        count = len(parts)
        await session.rollback()
    return count


@app.get("/savepoint")
async def savepoint(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        kept = 0
        for _ in range(turns):
            try:
                async with session.begin_nested():
                    session.add(Item(name="taken"))
                    await session.flush()
            except IntegrityError:
                kept += 1
        await session.rollback()
    return kept


@app.get("/integrity")
async def integrity(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        added = await add_taken(session)
        if not added:
            turns += 1
    return turns


@app.get("/rollback")
async def rollback(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        session.add(Item(name=str(uuid.uuid4())))
        await session.flush()
        if turns > 2:
            await session.rollback()
            return "undone"
        await session.rollback()
    return "undone as well"


@app.get("/begin")
async def begin(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        async with session.begin():
            found = await session.scalar(select(Item.name).where(Item.name == "taken"))
        after = found.title()
    return after


@app.get("/connection")
async def connection(turns: Turns = 1):
    async with engine.connect() as connection:
        rows = await connection.execute(select(Item.id).limit(turns))
        found = [row.id for row in rows]
    return len(found)


@app.get("/tables")
async def names(turns: Turns = 1):
    async with engine.begin() as connection:
        found = await connection.run_sync(tables)
    return found


@app.get("/partitions")
async def partitions(turns: Turns = 1):
    found = 0
    async with AsyncSession(engine) as session:
        result = await session.stream_scalars(text("SELECT 1 UNION SELECT 2 UNION SELECT 3"))
        async for part in result.partitions(turns):
            for value in part:
                found += value
    return found


@app.get("/dependency-session")
async def dependency_session(session: Annotated[AsyncSession, Depends(opened_session)], turns: Turns = 1):
    total = 0
    for _ in range(turns):
        total += await session.scalar(text("SELECT 1"))
    return total


@app.get("/sessions")
async def sessions(turns: Turns = 1):
    async with AsyncSession(engine) as one, AsyncSession(engine) as two:
        found = await asyncio.gather(refuse(one, 1), refuse(two, turns), return_exceptions=True)
    refused = [each for each in found if isinstance(each, Refused)]
    return len(refused)


@app.get("/raised")
async def raised(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        answer = await refuse(session, turns)
    return answer


@app.get("/cancelled")
async def cancelled(turns: Turns = 1):
    async with AsyncSession(engine) as session:
        try:
            await asyncio.wait_for(slow(session), 0.05)
        except TimeoutError:
            again = await session.scalar(text("SELECT 1"))
        return again + turns
"""

SOURCE = subject.IMPORTS + _SQLALCHEMY + subject.FRAME + subject.REFUSED + subject.QUERIES + _MORE + subject.PLAIN
KINDS = (*subject.KINDS, *kinds_in(_SQLALCHEMY + _MORE))
