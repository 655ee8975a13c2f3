"""/api/users, /api/users/login and /api/user; runs in the server process."""

from typing import Annotated

from fastapi import APIRouter, Depends, status

from app.auth import Caller
from app.bodies import JsonBody
from app.errors import refusals
from app.security import PasswordsOf, TokensOf
from app.sessions import DatabaseOf, Writing
from app.users import service
from app.users.schemas import CredentialsBody, CurrentUser, RegistrationBody, UserChangesBody, UserReply

router = APIRouter(tags=["users"])


@router.post("/users", status_code=status.HTTP_201_CREATED, responses=refusals(409, 413, 415, 422))
async def register(
    body: Annotated[RegistrationBody, Depends(JsonBody(RegistrationBody))],
    session: Writing,
    passwords: PasswordsOf,
    tokens: TokensOf,
) -> UserReply:
    """Register. A password may have 1 to 128 characters here; 409 names every field that is taken."""
    user = await service.register(session, passwords, body.user)
    return UserReply(user=CurrentUser.of(user, tokens.issue(user.id)))


@router.post("/users/login", responses=refusals(401, 413, 415, 422))
async def log_in(
    body: Annotated[CredentialsBody, Depends(JsonBody(CredentialsBody))],
    database: DatabaseOf,
    passwords: PasswordsOf,
    tokens: TokensOf,
) -> UserReply:
    """Get a token. An unknown address and a wrong password get the same answer, and take the same time."""
    user = await service.log_in(database, passwords, body.user)
    return UserReply(user=CurrentUser.of(user, tokens.issue(user.id)))


@router.get("/user", responses=refusals(401))
async def read_current_user(caller: Caller, tokens: TokensOf) -> UserReply:
    """Oneself, with a fresh token."""
    return UserReply(user=CurrentUser.of(caller, tokens.issue(caller.id)))


@router.put("/user", responses=refusals(401, 409, 413, 415, 422))
async def change_current_user(
    caller: Caller,
    body: Annotated[UserChangesBody, Depends(JsonBody(UserChangesBody))],
    session: Writing,
    passwords: PasswordsOf,
    tokens: TokensOf,
) -> UserReply:
    """Change what is sent, keep the rest. Tokens issued before stay valid, whatever changes."""
    user = await service.change(session, passwords, caller.id, body.user)
    return UserReply(user=CurrentUser.of(user, tokens.issue(user.id)))
