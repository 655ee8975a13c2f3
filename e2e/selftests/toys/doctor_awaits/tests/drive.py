"""A test of the shop, in the shop's own process, as deep as a request through a framework."""

import asyncio

from shop import service
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine


async def deep(levels, work):
    return await deep(levels - 1, work) if levels else await work()


async def main():
    engine = create_async_engine("sqlite+aiosqlite://")
    async with AsyncSession(engine) as session:
        await session.execute(text("CREATE TABLE orders (thing TEXT)"))
        assert await deep(12, lambda: service.order(session, "pear")) == 7
    await engine.dispose()


asyncio.run(main())
