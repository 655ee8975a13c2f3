"""/api/tags; runs in the server process."""

from fastapi import APIRouter

from app.errors import refusals
from app.sessions import Reading
from app.tags import queries
from app.tags.schemas import TagListReply

router = APIRouter(prefix="/tags", tags=["tags"])


@router.get("", responses=refusals())
async def list_tags(session: Reading) -> TagListReply:
    """Every tag that some article has, ordered by name."""
    return TagListReply(tags=await queries.in_use(session))
