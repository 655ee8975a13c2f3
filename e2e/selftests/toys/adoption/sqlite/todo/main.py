"""The application."""

from fastapi import FastAPI
from sqlalchemy import select

from todo.db import Session, Todo

app = FastAPI()


@app.get("/todos")
async def todos():
    async with Session() as session:
        return [each.text for each in await session.scalars(select(Todo))]
