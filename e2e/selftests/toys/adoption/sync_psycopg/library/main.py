"""The application."""

from fastapi import FastAPI
from sqlalchemy import select

from library.db import Book, Session

app = FastAPI()


@app.get("/books")
def books():
    with Session() as session:
        return [each.title for each in session.scalars(select(Book))]
