"""SQL for all that a user wrote, read through server-side cursors; runs in the server process."""

from collections.abc import AsyncIterator

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from app.models import Article, Comment

_AT_A_TIME = {"yield_per": 100}


async def articles_by(session: AsyncSession, user_id: int) -> AsyncIterator[Article]:
    """All that the user published, oldest first."""
    query = (
        select(Article)
        .where(Article.author_id == user_id)
        .options(selectinload(Article.tags))
        .order_by(Article.id)
        .execution_options(**_AT_A_TIME)
    )
    return await session.stream_scalars(query)


async def comments_by(session: AsyncSession, user_id: int) -> AsyncIterator[Comment]:
    """All that the user said, oldest first."""
    query = (
        select(Comment)
        .where(Comment.author_id == user_id)
        .options(joinedload(Comment.article, innerjoin=True).load_only(Article.slug))
        .order_by(Comment.id)
        .execution_options(**_AT_A_TIME)
    )
    return await session.stream_scalars(query)
