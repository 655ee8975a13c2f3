"""An engine and a listener of SQLAlchemy's. Part of a measured program."""

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

engine = create_async_engine(os.environ["DATABASE_URL"], pool_size=5, max_overflow=0, pool_timeout=60)


@event.listens_for(engine.sync_engine, "before_cursor_execute")
def in_the_greenlet(connection, cursor, statement, parameters, context, many):
    if "listened" in statement:
        heard = statement.upper()
        assert heard


@asynccontextmanager
async def lifespan(app):
    yield
    await engine.dispose()
