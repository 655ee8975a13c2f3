"""The question's application over asyncpg alone. Measured process."""

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
