"""GET /api/articles/feed; runs in the test process."""

import httpx

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor, join
from e2e.conduit.client import Fields


def _slugs(articles: list[Fields]) -> list[str]:
    return [article["slug"] for article in articles]


def test_a_new_user_has_an_empty_feed(reader: Actor) -> None:
    """Who follows nobody reads nothing, though articles exist; one's own do not count."""
    reader.wrote()

    feed = reader.feed()

    assert shapes.articles(feed) == []
    assert feed.json()["articlesCount"] == 0


def test_the_feed_holds_the_followed_users_articles_newest_first(
    http: httpx.Client, author: Actor, reader: Actor
) -> None:
    """Articles of all whom one follows, before and after following, and of nobody else."""
    second, stranger = join(http), join(http)
    first = author.wrote(tagList=["a"])
    reader.follows(author)
    reader.follows(second)
    later = second.wrote()
    stranger.wrote()

    feed = reader.feed()

    followed = {"following": True}
    expected = [
        samples.without(article, "body") | {"author": article["author"] | followed} for article in (later, first)
    ]
    assert shapes.articles(feed) == expected
    assert feed.json()["articlesCount"] == 2


def test_the_feed_is_paged_and_counts_all(author: Actor, reader: Actor) -> None:
    """limit and offset cut the page, not the count."""
    reader.follows(author)
    slugs = [author.wrote()["slug"] for _ in range(3)][::-1]

    pages = [reader.feed(limit=2), reader.feed(limit=2, offset=2), reader.feed(offset=9)]

    assert [_slugs(shapes.articles(page)) for page in pages] == [slugs[:2], slugs[2:], []]
    assert [page.json()["articlesCount"] for page in pages] == [3] * 3


def test_unfollowing_empties_the_feed(author: Actor, reader: Actor) -> None:
    """The feed follows the following."""
    reader.follows(author)
    author.wrote()
    shapes.profile(reader.unfollow(author.username))

    feed = reader.feed()

    assert shapes.articles(feed) == []


def test_the_feed_knows_ones_favourites(author: Actor, reader: Actor) -> None:
    """`favorited` is relative to the caller here as in every list."""
    reader.follows(author)
    shapes.article(reader.favorite(author.wrote()["slug"]))

    [article] = shapes.articles(reader.feed())

    assert (article["favorited"], article["favoritesCount"]) == (True, 1)
