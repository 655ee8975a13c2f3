"""/api/articles/stream; runs in the server process."""

from typing import Annotated

from fastapi import APIRouter, Header, Request

from app.auth import OPTIONAL_TOKEN, ViewerId
from app.errors import RefusalError, refusals
from app.fields import LARGEST_EXACT
from app.sessions import DatabaseOf
from app.stream import queries, service
from app.streaming import GeneratedResponse

router = APIRouter(prefix="/articles/stream", tags=["beyond the specification"])


class EventStream(GeneratedResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


@router.get(
    "", status_code=200, response_class=EventStream, responses=refusals(401, 422, 501), openapi_extra=OPTIONAL_TOKEN
)
async def stream_articles(
    request: Request,
    viewer_id: ViewerId,
    database: DatabaseOf,
    last_event_id: Annotated[
        int | None, Header(ge=0, le=LARGEST_EXACT, description="Begin after this event instead of now.")
    ] = None,
) -> EventStream:
    """Server-sent events: one for every article that is published, by whichever server process, imports included.

    `id` is the article's number, `event` is `article`, `data` is `{"article": ...}` as in lists. Needs
    PostgreSQL; 501 on SQLite.
    """
    if not database.is_postgresql:
        raise RefusalError(501, {"stream": ["needs PostgreSQL"]})
    after = last_event_id
    if after is None:
        async with database.reads() as session:
            after = await queries.last_id(session)
    state = request.app.state
    return EventStream(service.follow(database, state.bell, viewer_id, after, state.settings.stream_heartbeat))
