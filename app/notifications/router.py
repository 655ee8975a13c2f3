"""/api/user/notifications; runs in the server process."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.auth import Caller
from app.errors import refusals
from app.fields import Paging
from app.notifications import queries
from app.notifications.schemas import Notice, NotificationListReply
from app.sessions import Reading

router = APIRouter(prefix="/user/notifications", tags=["notifications"])


@router.get("", responses=refusals(401, 422))
async def list_notifications(
    caller: Caller, paging: Annotated[Paging, Query()], session: Reading
) -> NotificationListReply:
    """What those whom the caller follows have published since, newest first; an import tells nobody."""
    found, count = await queries.page(session, caller.id, paging)
    return NotificationListReply(notifications=[Notice.of(one) for one in found], notifications_count=count)
