"""SQL about favourites; runs in the server process."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import insert_for
from app.models import Favorite


async def add(session: AsyncSession, article_id: int, user_id: int) -> None:
    """Make the article a favourite, if it is none."""
    row = insert_for(session, Favorite).values(article_id=article_id, user_id=user_id)
    await session.execute(row.on_conflict_do_nothing())


async def remove(session: AsyncSession, article_id: int, user_id: int) -> None:
    """Make it a favourite no longer, if it was one."""
    await session.execute(delete(Favorite).where(Favorite.article_id == article_id, Favorite.user_id == user_id))
