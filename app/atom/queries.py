"""SQL for the Atom feed; runs in the server process."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer, joinedload, selectinload

from app.articles.queries import matching
from app.articles.schemas import ArticleFilter
from app.models import Article


async def newest(session: AsyncSession, wanted: ArticleFilter) -> Sequence[Article]:
    """The newest articles that match, with what a feed shows of them."""
    query = (
        select(Article)
        .where(*matching(wanted))
        .options(defer(Article.body), joinedload(Article.author, innerjoin=True), selectinload(Article.tags))
        .order_by(Article.created_at.desc(), Article.id.desc())
        .limit(wanted.limit)
    )
    return (await session.scalars(query)).all()
