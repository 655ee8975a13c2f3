"""The application: members log in and fill a basket; what things cost is asked of another service. In the server."""

import os
import secrets
import sqlite3
from collections.abc import Iterator
from typing import Annotated

import httpx
from fastapi import Depends, FastAPI, Header, HTTPException

app = FastAPI()


def database() -> Iterator[sqlite3.Connection]:
    """A connection for one request."""
    connection = sqlite3.connect(os.environ["DATABASE"], isolation_level=None, check_same_thread=False)
    yield connection
    connection.close()


Database = Annotated[sqlite3.Connection, Depends(database, scope="function")]


def today() -> str:
    """What people read on their receipts."""
    return os.environ.get("SHOP_TODAY", "some day")


def member(database: Database, authorization: Annotated[str, Header()] = "") -> str:
    """Who asks."""
    row = database.execute("SELECT name FROM member WHERE token = ?", [authorization.removeprefix("Bearer ")])
    if found := row.fetchone():
        return found[0]
    raise HTTPException(401)


@app.post("/login")
def login(name: str, database: Database) -> str:
    token = secrets.token_hex()
    database.execute("INSERT OR REPLACE INTO member VALUES (?, ?)", [name, token])
    return token


@app.get("/me")
def me(name: Annotated[str, Depends(member)]) -> str:
    return name


@app.post("/basket")
def add(thing: str, database: Database) -> int:
    return database.execute("INSERT INTO basket (thing) VALUES (?) RETURNING id", [thing]).fetchone()[0]


@app.get("/basket")
def basket(database: Database) -> list[str]:
    return [thing for (thing,) in database.execute("SELECT thing FROM basket ORDER BY id")]


@app.get("/price")
async def price(thing: str) -> int:
    async with httpx.AsyncClient(base_url=os.environ["PRICES_URL"]) as prices:
        return (await prices.get(f"/{thing}")).json()["price"]


@app.get("/receipt")
def receipt(day: Annotated[str, Depends(today)]) -> str:
    return f"Thank you for your visit on {day}."
