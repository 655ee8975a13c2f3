"""SQL about users; runs in the server process."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import User


class TakenError(Exception):
    """Somebody else has these fields' values."""

    def __init__(self, fields: set[str]) -> None:
        super().__init__(fields)
        self.fields = fields


async def by_email(session: AsyncSession, email: str) -> User | None:
    """The user of that address, if there is one."""
    return await session.scalar(select(User).where(User.email == email))


async def lock(session: AsyncSession, user_id: int) -> User:
    """The user, whom nobody else can change until the transaction ends."""
    return (await session.scalars(select(User).where(User.id == user_id).with_for_update())).one()


async def save(session: AsyncSession, user: User, fields: dict[str, Any]) -> None:
    """Insert or update; where several want the same name, the unique constraints decide who gets it."""
    own_id = user.id
    try:
        async with session.begin_nested():
            for name, value in fields.items():
                setattr(user, name, value)
            session.add(user)
    except IntegrityError as error:
        raise TakenError({_field(error)} | await _taken(session, own_id, fields)) from None


def _field(error: IntegrityError) -> str:
    """The first line names the constraint (PostgreSQL) or the column (SQLite), and nobody's value."""
    return "email" if "email" in str(error.orig).partition("\n")[0] else "username"


async def _taken(session: AsyncSession, own_id: int | None, fields: dict[str, Any]) -> set[str]:
    """Which of the two somebody else has: a database stops at the first, a client wants to hear of both."""
    unique = {"username": User.username, "email": User.email}
    return {
        name
        for name, column in unique.items()
        if await session.scalar(select(User.id).where(column == fields.get(name), User.id != (own_id or 0)))
    }
