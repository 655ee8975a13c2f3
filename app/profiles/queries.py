"""SQL about who follows whom; runs in the server process."""

from sqlalchemy import ColumnElement, delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import insert_for
from app.models import Follow, User


def is_followed(user_id: ColumnElement[int], viewer_id: int | None) -> ColumnElement[bool]:
    """Whether the viewer follows that user: a column for any SELECT. Nobody (NULL) follows anybody."""
    return exists().where(Follow.followed_id == user_id, Follow.follower_id == viewer_id)


async def find(session: AsyncSession, username: str, viewer_id: int | None) -> tuple[User, bool] | None:
    """The user of that name, and whether the viewer follows them."""
    query = select(User, is_followed(User.id.expression, viewer_id)).where(User.username == username)
    return (await session.execute(query)).one_or_none()


async def follow(session: AsyncSession, follower_id: int, followed_id: int) -> None:
    """Follow, if not yet."""
    row = insert_for(session, Follow).values(follower_id=follower_id, followed_id=followed_id)
    await session.execute(row.on_conflict_do_nothing())


async def unfollow(session: AsyncSession, follower_id: int, followed_id: int) -> None:
    """Follow no longer, if so far."""
    await session.execute(delete(Follow).where(Follow.follower_id == follower_id, Follow.followed_id == followed_id))
