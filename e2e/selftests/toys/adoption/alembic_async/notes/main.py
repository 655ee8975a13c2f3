"""The application."""

from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from notes.config import settings

engine = create_async_engine(str(settings.database_url))
app = FastAPI()


@app.get("/notes")
async def notes():
    async with engine.connect() as connection:
        found = await connection.execute(text("SELECT text FROM notes"))
        return list(found.scalars())
