"""Publishing, editing and deleting: slugs, and who may do what; runs in the server process."""

import secrets

from slugify import slugify
from sqlalchemy.ext.asyncio import AsyncSession

from app.articles import queries
from app.articles.schemas import ArticleChanges, Card, NewArticle
from app.errors import forbidden, not_found
from app.models import Article, now


async def read(session: AsyncSession, slug: str, viewer_id: int | None) -> Card:
    """The article, or 404."""
    card = await queries.read(session, slug, viewer_id)
    if card is None:
        raise not_found("article")
    return card


async def publish(session: AsyncSession, author_id: int, new: NewArticle) -> Article:
    """A new article, under a slug of its own."""
    article = Article(**new.model_dump(exclude={"tag_list"}), slug=_slug(new.title), author_id=author_id)
    await queries.add(session, article, new.tag_list)
    return article


async def edit(session: AsyncSession, slug: str, caller_id: int, changes: ArticleChanges) -> Card:
    """Change what is given; only a title that really is new moves the article."""
    article = await _own(session, slug, caller_id)
    fields = changes.model_dump(exclude_unset=True)
    if "tag_list" in fields:
        await queries.replace_tags(session, article.id, fields.pop("tag_list"))
    if fields.get("title", article.title) != article.title:
        article.slug = _slug(fields["title"])
    for name, value in fields.items():
        setattr(article, name, value)
    article.updated_at = now()
    await session.flush()
    return await read(session, article.slug, caller_id)


async def delete(session: AsyncSession, slug: str, caller_id: int) -> None:
    """Delete the article and what hangs on it."""
    article = await _own(session, slug, caller_id)
    await queries.remove(session, article.id)


async def _own(session: AsyncSession, slug: str, caller_id: int) -> Article:
    article = await queries.lock(session, slug)
    if article is None:
        raise not_found("article")
    if article.author_id != caller_id:
        raise forbidden("article")
    return article


def _slug(title: str) -> str:
    """Readable as far as ASCII goes, and unique: titles may repeat, and "feed" is a route of its own."""
    return f"{slugify(title, max_length=100)}-{secrets.token_hex(8)}".lstrip("-")
