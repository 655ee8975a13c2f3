"""The question's application: a session on `app.state`, SELECT 1, two lines that coverage.py denies. Measured process."""

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
