"""The migrations run."""

import asyncio

from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine

from notes.config import settings


def migrate(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def online():
    engine = create_async_engine(str(settings.database_url))
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


asyncio.run(online())
