"""The application of the question: a session on `app.state`, SELECT 1, two lines that coverage denies. Proof process.

Nothing is added to it. Each of its statements runs, in this order and once, or the answer is not {"answer": 1}; so what
must have been measured is known without asking any tracer: every line that holds code.
"""

from __future__ import annotations

SQLALCHEMY = """\
import os
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine


@asynccontextmanager
async def lifespan(app):
    engine = create_async_engine(os.environ["DATABASE_URL"])
    app.state.session = AsyncSession(engine)
    yield
    await app.state.session.close()
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.get("/")
async def root(request: Request):
    result = await request.app.state.session.execute(text("SELECT 1"))
    answer = result.scalar_one()
    return {"answer": answer}
"""

ASYNCPG = """\
import os
from contextlib import asynccontextmanager

import asyncpg
from fastapi import FastAPI, Request


@asynccontextmanager
async def lifespan(app):
    app.state.connection = await asyncpg.connect(os.environ["DATABASE_URL"])
    yield
    await app.state.connection.close()


app = FastAPI(lifespan=lifespan)


@app.get("/")
async def root(request: Request):
    result = await request.app.state.connection.fetchval("SELECT 1")
    answer = int(result)
    return {"answer": answer}
"""

IN_PROCESS = """\
import asyncio

import guard
import httpx

from subject.main import app


async def main():
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            response = await client.get("/")
            assert response.json() == {"answer": 1}, response.text


asyncio.run(main())
"""
"""As tests do it that have no server: the application in the client's own process and event loop."""
