"""/api/articles.atom; runs in the server process."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from app.articles.schemas import ArticleFilter
from app.atom import queries, xml
from app.errors import refusals
from app.fields import Lookup
from app.models import Article
from app.sessions import Reading

router = APIRouter(prefix="/articles.atom", tags=["beyond the specification"])


class AtomResponse(Response):
    """An Atom document."""

    media_type = "application/atom+xml"


class AtomFilter(BaseModel):
    """Which articles; anything else in the query is refused."""

    model_config = ConfigDict(extra="forbid")

    tag: Lookup | None = Field(default=None, description="Articles with this tag.")


async def _newest(wanted: Annotated[AtomFilter, Query()], session: Reading) -> Sequence[Article]:
    return await queries.newest(session, ArticleFilter(tag=wanted.tag))


# A plain `def`: building XML is work for a thread, once the event loop has fetched what goes into it.
@router.get(
    "",
    response_class=AtomResponse,
    responses={304: {"description": "It is what If-None-Match names."}, **refusals(422)},
)
def read_atom_feed(
    wanted: Annotated[AtomFilter, Query()],
    articles: Annotated[Sequence[Article], Depends(_newest)],
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """The newest 20 articles (of a tag) as an Atom feed, with a strong `ETag`."""
    path = "/api/articles.atom" if wanted.tag is None else f"/api/articles.atom?tag={quote(wanted.tag)}"
    content = xml.document(articles, wanted.tag, path)
    etag = f'"{sha256(content).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    known = {name.strip().removeprefix("W/") for name in if_none_match.split(",")}
    if known & {etag, "*"}:
        return Response(status_code=304, headers=headers)
    return AtomResponse(content, headers=headers)
