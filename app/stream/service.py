"""The stream itself: replay and live news are one, read from the database whenever the bell rings; server process."""

import asyncio
from collections.abc import AsyncGenerator

from app.articles.schemas import Card, ListedArticle
from app.database import Database
from app.fields import Reply
from app.stream import queries
from app.stream.listener import Bell

_PAGE = 100
"""What a client that reads slowly holds in memory at most."""


class PublishedArticle(Reply):
    """An event's data."""

    article: ListedArticle


async def follow(
    database: Database, bell: Bell, viewer_id: int | None, after: int, heartbeat: float
) -> AsyncGenerator[bytes]:
    """An event for each article after that id, for ever; a comment whenever nothing happens for long."""
    while True:
        ring = bell.next_ring()
        async with database.reads() as session:
            found = await queries.published_after(session, viewer_id, after, _PAGE)
        for card in found:
            yield _event(card)
            after = card.article.id
        if not found:
            try:
                await asyncio.wait_for(ring.wait(), heartbeat)
            except TimeoutError:
                yield b": still here\n\n"


def _event(card: Card) -> bytes:
    data = PublishedArticle(article=ListedArticle(**card.fields())).model_dump_json(by_alias=True)
    return f"id: {card.article.id}\nevent: article\ndata: {data}\n\n".encode()
