"""What is sent and answered about articles; runs in the server process."""

from datetime import datetime
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, Field

from app.fields import Body, FilledText, Lookup, Paging, Reply
from app.models import Article
from app.profiles.schemas import Profile

Title = Annotated[FilledText, Field(max_length=255)]
Description = Annotated[FilledText, Field(max_length=2_000)]
Text = Annotated[FilledText, Field(max_length=1_000_000)]
TagList = Annotated[
    list[Annotated[FilledText, Field(max_length=100)]],
    Field(max_length=100),
    AfterValidator(lambda tags: sorted(set(tags))),
]


class NewArticle(Body):
    """Of a tag sent twice one is kept; tags come back ordered by name."""

    title: Title
    description: Description
    body: Text
    tag_list: TagList = Field(default_factory=list)


class NewArticleBody(Body):
    """The envelope of a new article."""

    article: NewArticle


class ArticleChanges(Body):
    """What is left out stays as it is. A new title gives a new slug, an empty `tagList` removes all tags."""

    title: Title = Field(default_factory=str)
    description: Description = Field(default_factory=str)
    body: Text = Field(default_factory=str)
    tag_list: TagList = Field(default_factory=list)


class ArticleChangesBody(Body):
    """The envelope of an article's changes."""

    article: ArticleChanges


class ArticleFilter(Paging):
    """Filters that are given must all match; one that nothing can match gives an empty list."""

    tag: Lookup | None = Field(default=None, description="Articles with this tag.")
    author: Lookup | None = Field(default=None, description="Articles by the user of this name.")
    favorited: Lookup | None = Field(default=None, description="Articles that the user of this name favourited.")


class Card(NamedTuple):
    """An article as a viewer sees it: what `queries.cards` selects."""

    article: Article
    favorites_count: int
    favorited: bool
    following: bool

    def fields(self) -> dict[str, Any]:
        """What every reply says of an article."""
        article = self.article
        return {
            "slug": article.slug,
            "title": article.title,
            "description": article.description,
            "tag_list": [tag.name for tag in article.tags],
            "created_at": article.created_at,
            "updated_at": article.updated_at,
            "favorited": self.favorited,
            "favorites_count": self.favorites_count,
            "author": Profile.of(article.author, self.following),
        }


class ListedArticle(Reply):
    """An article in a list: without its body."""

    slug: str
    title: str
    description: str
    tag_list: list[str]
    created_at: datetime
    updated_at: datetime
    favorited: bool
    favorites_count: int
    author: Profile


class WholeArticle(ListedArticle):
    """An article with all there is to read."""

    body: str


class ArticleReply(Reply):
    """One article."""

    article: WholeArticle

    @classmethod
    def of(cls, card: Card) -> "ArticleReply":
        """From what was selected."""
        return cls(article=WholeArticle(**card.fields(), body=card.article.body))


class ArticleListReply(Reply):
    """A part of a list, and how many there are in all."""

    articles: list[ListedArticle]
    articles_count: int

    @classmethod
    def of(cls, cards: list[Card], count: int) -> "ArticleListReply":
        """From what was selected."""
        return cls(articles=[ListedArticle(**card.fields()) for card in cards], articles_count=count)
