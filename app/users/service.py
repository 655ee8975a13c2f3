"""Registering, logging in and changing oneself; runs in the server process."""

from sqlalchemy.ext.asyncio import AsyncSession

from app.database import Database
from app.errors import taken, unauthorized
from app.models import User
from app.security import Passwords
from app.users import queries
from app.users.schemas import Credentials, Registration, UserChanges


async def register(session: AsyncSession, passwords: Passwords, new: Registration) -> User:
    """A new user; 409 if somebody else has the name or the address."""
    password_hash = await passwords.hash(new.password)
    fields: dict[str, str | None] = {"username": new.username, "email": new.email, "password_hash": password_hash}
    return await _save(session, User(), fields)


async def log_in(database: Database, passwords: Passwords, credentials: Credentials) -> User:
    """The database is let go before hashing, which takes long; an unknown address takes as long as a known one."""
    async with database.reads() as session:
        user = await queries.by_email(session, credentials.email)
    right = await passwords.verify(user.password_hash if user else None, credentials.password)
    if user is None or not right:
        raise unauthorized("credentials", "invalid")
    return user


async def change(session: AsyncSession, passwords: Passwords, user_id: int, changes: UserChanges) -> User:
    """Change what is given; an empty bio or image becomes null."""
    fields = changes.model_dump(exclude_unset=True)
    if "password" in fields:
        fields["password_hash"] = await passwords.hash(fields.pop("password"))
    for name in fields.keys() & {"bio", "image"}:
        fields[name] = fields[name] or None
    return await _save(session, await queries.lock(session, user_id), fields)


async def _save(session: AsyncSession, user: User, fields: dict[str, str | None]) -> User:
    try:
        await queries.save(session, user, fields)
    except queries.TakenError as error:
        raise taken(error.fields) from None
    return user
