"""SQL about what was published after what; runs in the server process."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.articles.queries import fetch, listed_cards
from app.articles.schemas import Card
from app.models import Article


async def last_id(session: AsyncSession) -> int:
    """The number of the newest article, 0 if there is none."""
    return (await session.scalars(select(func.coalesce(func.max(Article.id), 0)))).one()


async def published_after(session: AsyncSession, viewer_id: int | None, article_id: int, most: int) -> list[Card]:
    """In the order of publication, which is that of the ids: see the triggers in `app.models`."""
    query = listed_cards(viewer_id).where(Article.id > article_id).order_by(Article.id).limit(most)
    return await fetch(session, query)
