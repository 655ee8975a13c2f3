"""What a request runs: a query in a greenlet, and work in a thread."""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def order(session: AsyncSession, thing: str) -> int:
    await session.execute(text("INSERT INTO orders VALUES (:thing)"), {"thing": thing})
    found = await session.execute(text("SELECT count(*) FROM orders"))  # ran
    number = found.scalar_one()  # ran
    price = await asyncio.to_thread(priced, number)  # ran
    return price  # ran


def priced(number: int) -> int:
    price = number * 7  # ran
    return price  # ran


def unused() -> None:
    print("never")  # never
