"""The lines of an export, the lines of an import, and its report; runs in the server process."""

from datetime import datetime
from typing import Any, Literal

from pydantic import ConfigDict, Field

from app.articles.schemas import NewArticle
from app.errors import FieldErrors
from app.fields import Body, Reply
from app.models import Article, Comment


class ExportedArticle(Reply):
    """An article with all that its author wrote."""

    slug: str
    title: str
    description: str
    body: str
    tag_list: list[str]
    created_at: datetime
    updated_at: datetime


class ArticleLine(Reply):
    """A line of an export."""

    type: Literal["article"] = "article"
    article: ExportedArticle

    @classmethod
    def of(cls, article: Article) -> "ArticleLine":
        """From a row."""
        tags = [tag.name for tag in article.tags]
        names = ["slug", "title", "description", "body", "created_at", "updated_at"]
        return cls(article=ExportedArticle(tag_list=tags, **{name: getattr(article, name) for name in names}))


class ExportedComment(Reply):
    """A comment, and the slug of the article it is on."""

    id: int
    article: str
    body: str
    created_at: datetime


class CommentLine(Reply):
    """A line of an export."""

    type: Literal["comment"] = "comment"
    comment: ExportedComment

    @classmethod
    def of(cls, comment: Comment) -> "CommentLine":
        """From a row."""
        return cls(
            comment=ExportedComment(
                id=comment.id, article=comment.article.slug, body=comment.body, created_at=comment.created_at
            )
        )


class EndLine(Reply):
    """The last line of an export: whether it is complete."""

    type: Literal["end"] = "end"
    articles: int
    comments: int


class ImportedArticle(NewArticle):
    """What an export says besides is accepted and not used: the import gives slugs and times of its own."""

    slug: Any = Field(default=None, exclude=True)
    created_at: Any = Field(default=None, exclude=True)
    updated_at: Any = Field(default=None, exclude=True)


class ImportedLine(Body):
    """A line of an import, known to be an article; what else it says is ignored."""

    model_config = ConfigDict(extra="ignore")

    article: ImportedArticle


class Refused(Reply):
    """A line that was not taken, and why."""

    line: int
    errors: FieldErrors


class ImportReport(Reply):
    """How many articles were taken, and which lines were not."""

    taken: int
    refused: list[Refused]


class ImportReply(Reply):
    """The report on an import."""

    report: ImportReport = Field(serialization_alias="import")
