"""/api/articles/{slug}/favorite; runs in the server process."""

from fastapi import APIRouter

from app.articles import service as articles
from app.articles.queries import hold
from app.articles.schemas import ArticleReply
from app.auth import Caller
from app.errors import not_found, refusals
from app.favorites import queries
from app.fields import Lookup
from app.sessions import Writing

router = APIRouter(prefix="/articles/{slug}/favorite", tags=["favorites"])


@router.post("", responses=refusals(401, 404))
async def favorite_article(caller: Caller, slug: Lookup, session: Writing) -> ArticleReply:
    """Favourite an article; doing so twice is doing so once."""
    article_id = await hold(session, slug)
    if article_id is None:
        raise not_found("article")
    await queries.add(session, article_id, caller.id)
    return ArticleReply.of(await articles.read(session, slug, caller.id))


@router.delete("", responses=refusals(401, 404))
async def unfavorite_article(caller: Caller, slug: Lookup, session: Writing) -> ArticleReply:
    """Favourite it no longer; no error if the caller never did."""
    article_id = await hold(session, slug)
    if article_id is None:
        raise not_found("article")
    await queries.remove(session, article_id, caller.id)
    return ArticleReply.of(await articles.read(session, slug, caller.id))
