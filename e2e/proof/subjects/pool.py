"""asyncpg alone: no greenlet is switched. Part of a measured program, the control."""

import asyncio
import os
import uuid

import asyncpg

pool = None


async def prepared(connection):
    await connection.set_type_codec("text", schema="pg_catalog", encoder=upper, decoder=lower)


def upper(value):
    bound = value.upper()
    return bound


def lower(value):
    found = value.lower()
    return found


@asynccontextmanager
async def lifespan(app):
    global pool
    pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=1, max_size=16, init=prepared)
    async with pool.acquire() as connection:
        await connection.execute("CREATE TABLE items (id serial PRIMARY KEY, name text UNIQUE)")
        await connection.execute("INSERT INTO items (name) VALUES ('TAKEN')")
    yield
    await pool.close()


async def opened_connection():
    async with pool.acquire() as connection:
        try:
            yield connection
        finally:
            await connection.execute("SELECT 1")
            connection = None


async def add_taken(connection):
    try:
        await connection.execute("INSERT INTO items (name) VALUES ($1)", "taken")
    except asyncpg.UniqueViolationError:
        await asyncio.sleep(0)
        return False
    return True


async def refuse(connection, turns):
    await connection.fetchval("SELECT 1")
    if turns > 1:
        raise Refused(turns)
    return turns


async def slow(connection):
    try:
        await connection.fetchval("SELECT 1")
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        await connection.fetchval("SELECT 2")
        raise
