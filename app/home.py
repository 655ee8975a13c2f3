"""GET /: whether the database answers; runs in the server process."""

from fastapi import APIRouter
from sqlalchemy import text

from app.errors import refusals
from app.fields import Reply
from app.sessions import Reading

router = APIRouter(tags=["home"])


class Home(Reply):
    """That all is well."""

    message: str


@router.get("/", name="home", responses=refusals())
async def home(session: Reading) -> Home:
    """OK once the database has answered: a load balancer's readiness check."""
    await session.execute(text("SELECT 1"))
    return Home(message="OK")
