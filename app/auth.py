"""Who is calling, found out before anything else about the request is looked at; runs in the server process."""

from typing import Annotated, Any

import jwt
from fastapi import Depends, Security
from fastapi.security import APIKeyHeader

from app.errors import unauthorized
from app.models import User
from app.security import TokensOf
from app.sessions import DatabaseOf

_SCHEME = APIKeyHeader(
    name="Authorization",
    scheme_name="Token",
    description="`Token <jwt>`, the JWT being the `token` of any reply that holds a `user`.",
    auto_error=False,
)


async def _viewer(
    database: DatabaseOf, tokens: TokensOf, header: Annotated[str | None, Security(_SCHEME)]
) -> User | None:
    """The caller, or nobody. A session of its own: none is held while the body is still coming in."""
    if header is None:
        return None
    word, _, token = header.partition(" ")
    try:
        user_id = tokens.bearer(token)
    except jwt.ExpiredSignatureError:
        raise unauthorized("token", "has expired") from None
    except (jwt.InvalidTokenError, ValueError):
        raise unauthorized("token", "is invalid") from None
    async with database.reads() as session:
        user = await session.get(User, user_id)
    if user is None or word.lower() != "token":
        raise unauthorized("token", "is invalid")
    return user


Viewer = Annotated[User | None, Depends(_viewer)]


async def _viewer_id(viewer: Viewer) -> int | None:
    return viewer.id if viewer else None


async def _caller(viewer: Viewer) -> User:
    if viewer is None:
        raise unauthorized("token", "is missing")
    return viewer


ViewerId = Annotated[int | None, Depends(_viewer_id)]
"""For what anybody may read: none for the anonymous, and 401 for a bad token all the same."""
Caller = Annotated[User, Depends(_caller)]
"""For users only. Must be an operation's first parameter, so that 401 comes before any other refusal."""

OPTIONAL_TOKEN: dict[str, Any] = {"security": [{}]}
"""Added to OpenAPI where a token may be left out."""
