"""Creates what is missing of the tables, and exits: the process of `python -m app.schema`, run again at will."""

import asyncio

from app.config import load_settings
from app.database import Database
from app.models import Base


async def _create() -> None:
    database = Database(load_settings())
    try:
        async with database.engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
    finally:
        await database.engine.dispose()


asyncio.run(_create())
