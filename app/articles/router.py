"""/api/articles and /api/articles/{slug}; runs in the server process."""

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Query, status

from app.articles import queries, service
from app.articles.schemas import (
    ArticleChangesBody,
    ArticleFilter,
    ArticleListReply,
    ArticleReply,
    NewArticleBody,
)
from app.auth import OPTIONAL_TOKEN, Caller, ViewerId
from app.bodies import JsonBody
from app.errors import refusals
from app.fields import Lookup, Paging
from app.notifications.service import notify_followers
from app.sessions import DatabaseOf, Reading, Writing

router = APIRouter(prefix="/articles", tags=["articles"])


@router.get("", responses=refusals(401, 422), openapi_extra=OPTIONAL_TOKEN)
async def list_articles(
    viewer_id: ViewerId, wanted: Annotated[ArticleFilter, Query()], session: Reading
) -> ArticleListReply:
    """The newest articles that match all filters."""
    return ArticleListReply.of(*await queries.page(session, viewer_id, wanted, *queries.matching(wanted)))


@router.get("/feed", responses=refusals(401, 422))
async def read_feed(caller: Caller, paging: Annotated[Paging, Query()], session: Reading) -> ArticleListReply:
    """The newest articles by those whom the caller follows."""
    return ArticleListReply.of(*await queries.page(session, caller.id, paging, queries.by_followed(caller.id)))


@router.post("", status_code=status.HTTP_201_CREATED, responses=refusals(401, 413, 415, 422))
async def publish_article(
    caller: Caller,
    body: Annotated[NewArticleBody, Depends(JsonBody(NewArticleBody))],
    session: Writing,
    database: DatabaseOf,
    background: BackgroundTasks,
) -> ArticleReply:
    """Publish. The author's followers are told after the answer."""
    article = await service.publish(session, caller.id, body.article)
    background.add_task(notify_followers, database, article.id)
    return ArticleReply.of(await service.read(session, article.slug, caller.id))


@router.get("/{slug}", responses=refusals(401, 404), openapi_extra=OPTIONAL_TOKEN)
async def read_article(viewer_id: ViewerId, slug: Lookup, session: Reading) -> ArticleReply:
    """One article, whole."""
    return ArticleReply.of(await service.read(session, slug, viewer_id))


@router.put("/{slug}", responses=refusals(401, 403, 404, 413, 415, 422))
async def edit_article(
    caller: Caller,
    body: Annotated[ArticleChangesBody, Depends(JsonBody(ArticleChangesBody))],
    slug: Lookup,
    session: Writing,
) -> ArticleReply:
    """Change what is sent, keep the rest; the author's alone."""
    return ArticleReply.of(await service.edit(session, slug, caller.id, body.article))


@router.delete("/{slug}", status_code=status.HTTP_204_NO_CONTENT, responses=refusals(401, 403, 404))
async def delete_article(caller: Caller, slug: Lookup, session: Writing) -> None:
    """Delete, with its comments, favourites and notifications; the author's alone."""
    await service.delete(session, slug, caller.id)
