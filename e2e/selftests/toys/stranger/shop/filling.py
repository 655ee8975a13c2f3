"""A setup command that makes the schema, in the database that DATABASE_URL names."""

import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


async def fill() -> None:
    """One row."""
    async with create_async_engine(os.environ["DATABASE_URL"]).begin() as connection:
        await connection.execute(text("CREATE TABLE stock (pieces integer)"))
        await connection.execute(text("INSERT INTO stock VALUES (7)"))


asyncio.run(fill())
