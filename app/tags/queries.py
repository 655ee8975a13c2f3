"""SQL about tags, which exist as long as an article has them; runs in the server process."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import ArticleTag


async def in_use(session: AsyncSession) -> Sequence[str]:
    """Their names in order."""
    return (await session.scalars(select(ArticleTag.name).distinct().order_by(ArticleTag.name))).all()
