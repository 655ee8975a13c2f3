"""The tables, their keys and indexes, and what PostgreSQL does by itself when articles come in; server process."""

from datetime import UTC, datetime
from typing import ClassVar

from sqlalchemy import (
    DDL,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    event,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


class Moment(TypeDecorator[datetime]):
    """A time in UTC; SQLite keeps no time zone, so it is given back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Add the time zone, which PostgreSQL has already."""
        return value and value.replace(tzinfo=UTC)


Id = BigInteger().with_variant(Integer(), "sqlite")
LARGEST_ID = 2**63 - 1
# Ordered by code point on every server, whatever its locale.
TagName = String(100).with_variant(String(100, collation="C"), "postgresql")


class Base(DeclarativeBase):
    """All tables, and how their constraints are named."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: Moment}


class User(Base):
    """Somebody who may log in."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    username: Mapped[str] = mapped_column(String(100), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(Text)
    bio: Mapped[str | None] = mapped_column(Text)
    image: Mapped[str | None] = mapped_column(Text)


class Follow(Base):
    """One user follows another."""

    __tablename__ = "follows"

    follower_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    followed_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True, index=True)


class Article(Base):
    """What somebody published."""

    __tablename__ = "articles"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    author_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"))

    author: Mapped[User] = relationship(lazy="raise")
    tags: Mapped[list["ArticleTag"]] = relationship(lazy="raise", order_by="ArticleTag.name")


Index(None, Article.created_at.desc(), Article.id.desc())
Index(None, Article.author_id, Article.created_at.desc(), Article.id.desc())


class ArticleTag(Base):
    """A tag of one article; tags have no life of their own."""

    __tablename__ = "article_tags"

    article_id: Mapped[int] = mapped_column(ForeignKey(Article.id, ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(TagName, primary_key=True)

    __table_args__ = (Index(None, name, article_id),)


class Favorite(Base):
    """An article that a user favourited."""

    __tablename__ = "favorites"

    article_id: Mapped[int] = mapped_column(ForeignKey(Article.id, ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True, index=True)


class Comment(Base):
    """What somebody said about an article."""

    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    article_id: Mapped[int] = mapped_column(ForeignKey(Article.id, ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)

    article: Mapped[Article] = relationship(lazy="raise")
    author: Mapped[User] = relationship(lazy="raise")


Index(None, Comment.article_id, Comment.created_at.desc(), Comment.id.desc())


class Notification(Base):
    """What a follower is told of."""

    __tablename__ = "notifications"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    article_id: Mapped[int] = mapped_column(ForeignKey(Article.id, ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now)

    article: Mapped[Article] = relationship(lazy="raise")
    __table_args__ = (UniqueConstraint(user_id, article_id, kind),)


Index(None, Notification.user_id, Notification.created_at.desc(), Notification.id.desc())


ARTICLES_CHANNEL = "articles"

# Whoever resumes the stream of articles after number 7 must never see number 6 turn up later. So writers take
# their numbers one transaction after the other: a statement trigger runs before the first number is drawn.
# The notification leaves with the commit, and only then.
_TRIGGERS = [
    """
    CREATE OR REPLACE FUNCTION number_articles_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock('articles'::regclass::oid::bigint); RETURN NULL; END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION announce_articles() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_notify('{ARTICLES_CHANNEL}', ''); RETURN NULL; END $$
    """,
    """
    CREATE OR REPLACE TRIGGER number_articles_in_order BEFORE INSERT ON articles
    FOR EACH STATEMENT EXECUTE FUNCTION number_articles_in_order()
    """,
    """
    CREATE OR REPLACE TRIGGER announce_articles AFTER INSERT ON articles
    FOR EACH STATEMENT EXECUTE FUNCTION announce_articles()
    """,
]
for _trigger in _TRIGGERS:
    event.listen(Base.metadata, "after_create", DDL(_trigger).execute_if(dialect="postgresql"))  # type: ignore[no-untyped-call]
