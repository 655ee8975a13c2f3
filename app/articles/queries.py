"""SQL about articles; a list costs the same few statements whatever its length; runs in the server process."""

from sqlalchemy import ColumnElement, ScalarSelect, Select, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer, joinedload, selectinload

from app.articles.schemas import ArticleFilter, Card
from app.fields import Paging
from app.models import Article, ArticleTag, Favorite, Follow, User
from app.profiles.queries import is_followed


def cards(viewer_id: int | None) -> Select[Article, int, bool, bool]:
    """Articles with author and tags, as that viewer sees them; nobody (NULL) has favourites."""
    favorites = select(func.count()).select_from(Favorite).where(Favorite.article_id == Article.id)
    favorited = exists().where(Favorite.article_id == Article.id, Favorite.user_id == viewer_id)
    followed = is_followed(Article.author_id.expression, viewer_id)
    return (
        select(Article, favorites.scalar_subquery(), favorited, followed)
        .options(joinedload(Article.author, innerjoin=True), selectinload(Article.tags))
        .execution_options(populate_existing=True)
    )


def listed_cards(viewer_id: int | None) -> Select[Article, int, bool, bool]:
    """The same without the bodies, which lists do not show."""
    return cards(viewer_id).options(defer(Article.body, raiseload=True))


async def fetch(session: AsyncSession, query: Select[Article, int, bool, bool]) -> list[Card]:
    """The selected articles, as the viewer sees them."""
    return [Card(*row) for row in await session.execute(query)]


async def read(session: AsyncSession, slug: str, viewer_id: int | None) -> Card | None:
    """The article of that slug, if there is one."""
    found = await fetch(session, cards(viewer_id).where(Article.slug == slug))
    return found[0] if found else None


async def page(
    session: AsyncSession, viewer_id: int | None, paging: Paging, *conditions: ColumnElement[bool]
) -> tuple[list[Card], int]:
    """The newest articles that match, and how many match in all."""
    newest = Article.created_at.desc(), Article.id.desc()
    query = listed_cards(viewer_id).where(*conditions).order_by(*newest)
    count = select(func.count()).select_from(Article).where(*conditions)
    found = await fetch(session, query.limit(paging.limit).offset(paging.offset))
    return found, (await session.scalars(count)).one()


def matching(wanted: ArticleFilter) -> list[ColumnElement[bool]]:
    """The conditions under which an article passes all given filters."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.tag is not None:
        tagged = select(ArticleTag.article_id).where(ArticleTag.name == wanted.tag)
        conditions.append(Article.id.in_(tagged))
    if wanted.author is not None:
        conditions.append(Article.author_id == _id_of(wanted.author))
    if wanted.favorited is not None:
        favorites = select(Favorite.article_id).where(Favorite.user_id == _id_of(wanted.favorited))
        conditions.append(Article.id.in_(favorites))
    return conditions


def by_followed(user_id: int) -> ColumnElement[bool]:
    """The condition that the user follows the author."""
    return Article.author_id.in_(select(Follow.followed_id).where(Follow.follower_id == user_id))


def _id_of(username: str) -> ScalarSelect[int]:
    return select(User.id).where(User.username == username).scalar_subquery()


async def lock(session: AsyncSession, slug: str) -> Article | None:
    """To change or delete it; until the transaction ends nobody else can."""
    return await session.scalar(select(Article).where(Article.slug == slug).with_for_update())


async def hold(session: AsyncSession, slug: str) -> int | None:
    """The id of an article that something is about to refer to: until then nobody can delete it."""
    query = select(Article.id).where(Article.slug == slug).with_for_update(read=True, key_share=True)
    return await session.scalar(query)


async def add(session: AsyncSession, article: Article, tags: list[str]) -> None:
    """Insert the article and its tags."""
    article.tags = [ArticleTag(name=name) for name in tags]
    session.add(article)
    await session.flush()


async def replace_tags(session: AsyncSession, article_id: int, tags: list[str]) -> None:
    """Give the article these tags and no others."""
    await session.execute(delete(ArticleTag).where(ArticleTag.article_id == article_id))
    session.add_all(ArticleTag(article_id=article_id, name=name) for name in tags)
    await session.flush()


async def remove(session: AsyncSession, article_id: int) -> None:
    """With all that hangs on it: the foreign keys cascade."""
    await session.execute(delete(Article).where(Article.id == article_id))
