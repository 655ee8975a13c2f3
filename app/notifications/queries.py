"""SQL about notifications; runs in the server process."""

from collections.abc import Sequence

from sqlalchemy import func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from app.database import insert_for
from app.fields import Paging
from app.models import Article, Follow, Notification, User, now


async def tell_followers(session: AsyncSession, article_id: int) -> None:
    """A row for each follower of the author, once; none if the article is gone, nor can it go meanwhile."""
    columns = ["user_id", "kind", "article_id", "created_at"]
    rows = (
        select(Follow.follower_id, literal("article"), Article.id, literal(now()))
        .join(Follow, Follow.followed_id == Article.author_id)
        .where(Article.id == article_id)
        .with_for_update(read=True, key_share=True, of=Article)
    )
    await session.execute(insert_for(session, Notification).from_select(columns, rows).on_conflict_do_nothing())


async def page(session: AsyncSession, user_id: int, paging: Paging) -> tuple[Sequence[Notification], int]:
    """The newest, and how many there are in all."""
    mine = Notification.user_id == user_id
    article = joinedload(Notification.article, innerjoin=True)
    query = (
        select(Notification)
        .where(mine)
        .options(
            article.load_only(Article.slug),
            article.joinedload(Article.author, innerjoin=True).load_only(User.username),
        )
        .order_by(Notification.created_at.desc(), Notification.id.desc())
    )
    found = await session.scalars(query.limit(paging.limit).offset(paging.offset))
    count = await session.scalars(select(func.count()).select_from(Notification).where(mine))
    return found.all(), count.one()
