"""/api/profiles/{username}; runs in the server process."""

from fastapi import APIRouter

from app.auth import OPTIONAL_TOKEN, Caller, ViewerId
from app.errors import invalid, not_found, refusals
from app.fields import Lookup
from app.profiles import queries
from app.profiles.schemas import Profile, ProfileReply
from app.sessions import Reading, Writing

router = APIRouter(prefix="/profiles/{username}", tags=["profiles"])


@router.get("", responses=refusals(401, 404), openapi_extra=OPTIONAL_TOKEN)
async def read_profile(viewer_id: ViewerId, username: Lookup, session: Reading) -> ProfileReply:
    """Anybody's profile."""
    found = await queries.find(session, username, viewer_id)
    if found is None:
        raise not_found("profile")
    return ProfileReply(profile=Profile.of(*found))


@router.post("/follow", responses=refusals(401, 404, 422))
async def follow_user(caller: Caller, username: Lookup, session: Writing) -> ProfileReply:
    """Follow a user; doing so twice is doing so once. Nobody can follow themselves."""
    found = await queries.find(session, username, caller.id)
    if found is None:
        raise not_found("profile")
    user, _ = found
    if user.id == caller.id:
        raise invalid("username", "can't be your own")
    await queries.follow(session, caller.id, user.id)
    return ProfileReply(profile=Profile.of(user, following=True))


@router.delete("/follow", responses=refusals(401, 404))
async def unfollow_user(caller: Caller, username: Lookup, session: Writing) -> ProfileReply:
    """Follow a user no longer; no error if the caller never did."""
    found = await queries.find(session, username, caller.id)
    if found is None:
        raise not_found("profile")
    user, _ = found
    await queries.unfollow(session, caller.id, user.id)
    return ProfileReply(profile=Profile.of(user, following=False))
