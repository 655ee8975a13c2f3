"""/api/user/export and /api/user/import; runs in the server process."""

from fastapi import APIRouter

from app.auth import Caller
from app.errors import refusals
from app.sessions import DatabaseOf, Writing
from app.streaming import GeneratedResponse
from app.transfer import service
from app.transfer.schemas import ImportReply
from app.transfer.upload import UPLOAD, Uploaded

router = APIRouter(prefix="/user", tags=["beyond the specification"])


class Ndjson(GeneratedResponse):
    """A JSON object a line."""

    media_type = "application/x-ndjson"


@router.get("/export", status_code=200, response_class=Ndjson, responses=refusals(401))
async def export_own_writing(caller: Caller, database: DatabaseOf) -> Ndjson:
    """All that the caller wrote, a JSON object a line: articles, comments, and last how many of each.

    Without that last line (`"type": "end"`) the export is not complete.
    """
    return Ndjson(service.export(database, caller.id))


@router.post("/import", responses=refusals(401, 413, 422), openapi_extra=UPLOAD)
async def import_articles(caller: Caller, uploaded: Uploaded, session: Writing) -> ImportReply:
    """Publish the articles of an export, with new slugs and dates; other lines are ignored.

    A bad article is refused by its line and leaves the others. A file that is not made of JSON objects, or
    holds more than 1,000 articles, is refused as a whole.
    """
    report = await service.take(session, caller.id, service.read_lines(uploaded))
    return ImportReply(report=report)
