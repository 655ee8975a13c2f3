"""Asks the database that `.env` names how much is in stock, by the driver that SHOP_DRIVER names."""

import asyncio
import os
from pathlib import Path

URL = Path(".env").read_text(encoding="utf-8").strip().partition("=")[2]
URL = os.environ.get("DATABASE_URL") or URL
QUESTION = "SELECT pieces FROM stock"


async def by_asyncpg() -> int:
    """Through asyncpg."""
    import asyncpg

    pool = await asyncpg.create_pool(URL, min_size=1)
    async with pool:
        return await pool.fetchval(QUESTION)


async def by_psycopg() -> int:
    """Through psycopg."""
    import psycopg

    return await asyncio.to_thread(lambda: psycopg.connect(URL).execute(QUESTION).fetchone()[0])


async def by_psycopg_async() -> int:
    """Through psycopg async."""
    import psycopg

    connection = await psycopg.AsyncConnection.connect(URL)
    return (await (await connection.execute(QUESTION)).fetchone())[0]


async def by_psycopg2() -> int:
    """Through psycopg2."""
    import psycopg2

    cursor = psycopg2.connect(URL).cursor()
    cursor.execute(QUESTION)
    return cursor.fetchone()[0]


async def by_sqlite3() -> int:
    """Through sqlite3."""
    import sqlite3

    return sqlite3.connect(URL).execute(QUESTION).fetchone()[0]


async def by_aiosqlite() -> int:
    """Through aiosqlite."""
    import aiosqlite

    async with aiosqlite.connect(URL) as connection:
        return (await (await connection.execute(QUESTION)).fetchone())[0]


async def by_sqlalchemy() -> int:
    """Through sqlalchemy."""
    from sqlalchemy import create_engine, text

    with create_engine(URL).connect() as connection:
        return connection.execute(text(QUESTION)).scalar_one()


async def by_sqlalchemy_async() -> int:
    """Through sqlalchemy async."""
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine

    async with create_async_engine(URL).connect() as connection:
        return (await connection.execute(text(QUESTION))).scalar_one()


async def pieces() -> int:
    """Whatever happens, once: who wants to swallow it does so."""
    return await globals()[f"by_{os.environ['SHOP_DRIVER']}"]()


def moment(name: str) -> bool:
    """Whether SHOP_MOMENT is this one."""
    return os.environ["SHOP_MOMENT"] == name
