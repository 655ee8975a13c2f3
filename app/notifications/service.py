"""Telling followers of a new article, after the author has the answer; runs in the server process."""

from app.database import Database
from app.notifications import queries


async def notify_followers(database: Database, article_id: int) -> None:
    """In a session of its own: the request's has ended."""
    async with database.writes.begin() as session:
        await queries.tell_followers(session, article_id)
