"""SQL about comments; runs in the server process."""

from collections.abc import Sequence

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app.models import LARGEST_ID, Article, Comment
from app.profiles.queries import is_followed


async def article_id(session: AsyncSession, slug: str) -> int | None:
    """The id of the article of that slug, if there is one."""
    return await session.scalar(select(Article.id).where(Article.slug == slug))


async def of_article(session: AsyncSession, article_id: int, viewer_id: int | None) -> Sequence[Row[Comment, bool]]:
    """All of them, newest first."""
    query = (
        select(Comment, is_followed(Comment.author_id.expression, viewer_id))
        .where(Comment.article_id == article_id)
        .options(joinedload(Comment.author, innerjoin=True))
        .order_by(Comment.created_at.desc(), Comment.id.desc())
    )
    return (await session.execute(query)).all()


async def add(session: AsyncSession, comment: Comment) -> None:
    """Insert a comment."""
    session.add(comment)
    await session.flush()


async def lock(session: AsyncSession, article_id: int, comment_id: int) -> Comment | None:
    """Nothing has the largest number there is, so what is larger still is looked up as that."""
    number = min(comment_id, LARGEST_ID)
    query = select(Comment).where(Comment.article_id == article_id, Comment.id == number)
    return await session.scalar(query.with_for_update())


async def remove(session: AsyncSession, comment: Comment) -> None:
    """Delete a comment."""
    await session.delete(comment)
    await session.flush()
