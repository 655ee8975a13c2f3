"""Passwords and tokens: argon2 in threads, JWT; runs in the server process."""

from datetime import timedelta
from typing import Annotated

import jwt
from anyio import CapacityLimiter, to_thread
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from fastapi import Depends, Request
from pydantic import BaseModel, Field

from app.config import Settings
from app.models import LARGEST_ID, now

_ALGORITHM = "HS256"
_HASHING_THREADS = 4
"""Each hash takes CONDUIT_ARGON2_MEMORY_COST: more at once would be more memory, not more speed."""


class Passwords:
    """Hashes and verifies off the event loop, a few at a time."""

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_time_cost,
            memory_cost=settings.argon2_memory_cost,
            parallelism=settings.argon2_parallelism,
        )
        self._nobodys_hash = self._hasher.hash("nobody has this password")
        self._threads = CapacityLimiter(_HASHING_THREADS)

    async def hash(self, password: str) -> str:
        """What to keep of a password."""
        return await to_thread.run_sync(self._hasher.hash, password, limiter=self._threads)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; for want of a user, as slow as for a wrong password."""
        return await to_thread.run_sync(
            self._is_right, password_hash or self._nobodys_hash, password, limiter=self._threads
        )

    def _is_right(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except VerificationError:
            return False


class _Claims(BaseModel):
    sub: Annotated[int, Field(ge=1, le=LARGEST_ID)]


class Tokens:
    """A token says who its bearer is until it expires, whatever they change about themselves."""

    def __init__(self, settings: Settings) -> None:
        self._key = settings.secret_key.get_secret_value()
        self._lifetime = timedelta(seconds=settings.token_lifetime)

    def issue(self, user_id: int) -> str:
        """A new token for the user."""
        issued = now()
        claims = {"sub": str(user_id), "iat": issued, "exp": issued + self._lifetime}
        return jwt.encode(claims, self._key, _ALGORITHM)

    def bearer(self, token: str) -> int:
        """The id of the user it was issued to; raises jwt.InvalidTokenError, or ValueError for odd claims."""
        claims = jwt.decode(token, self._key, [_ALGORITHM], options={"require": ["sub", "exp"]})
        return _Claims.model_validate(claims).sub


def _passwords(request: Request) -> Passwords:
    passwords: Passwords = request.app.state.passwords
    return passwords


def _tokens(request: Request) -> Tokens:
    tokens: Tokens = request.app.state.tokens
    return tokens


PasswordsOf = Annotated[Passwords, Depends(_passwords)]
TokensOf = Annotated[Tokens, Depends(_tokens)]
