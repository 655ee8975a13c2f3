"""What a request works with: one transaction, ended before the response; runs in the server process."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Database


def get_database(request: Request) -> Database:
    """The server's database, opened by the lifespan."""
    database: Database = request.app.state.database
    return database


DatabaseOf = Annotated[Database, Depends(get_database)]


async def _reading(database: DatabaseOf) -> AsyncIterator[AsyncSession]:
    async with database.reads() as session:
        yield session


async def _writing(database: DatabaseOf) -> AsyncIterator[AsyncSession]:
    async with database.writes.begin() as session:
        yield session


# By default FastAPI runs what follows a `yield` after the response, and a client's next request could miss
# its own write: scope="function" ends the transaction before. https://fastapi.tiangolo.com/tutorial/dependencies/
Reading = Annotated[AsyncSession, Depends(_reading, scope="function")]
Writing = Annotated[AsyncSession, Depends(_writing, scope="function")]
