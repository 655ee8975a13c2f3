"""GET /api/user/notifications, written in the background; runs in the test process."""

import httpx

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor, join
from e2e.conduit.client import Fields
from e2e.conduit.waiting import eventually


def _told(reader: Actor, slug: str) -> list[Fields]:
    """All notices, once the one about this article has come."""

    def told() -> list[Fields]:
        notices = shapes.notifications(reader.notifications())
        return notices if slug in {notice["article"] for notice in notices} else []

    return eventually(f"{reader.username} to be told of {slug}", told)


def test_nobody_is_told_anything_at_first(reader: Actor) -> None:
    """A new user has no notifications."""
    response = reader.notifications()

    assert shapes.notifications(response) == []
    assert response.json()["notificationsCount"] == 0


def test_every_follower_is_told_of_a_new_article_once(http: httpx.Client, author: Actor, reader: Actor) -> None:
    """After the response, each follower gets one row; others and the author get none."""
    second, stranger = join(http), join(http)
    reader.follows(author)
    second.follows(author)

    slug = author.wrote()["slug"]

    for follower in (reader, second):
        [notice] = _told(follower, slug)
        assert (notice["kind"], notice["article"]) == ("article", slug)
        assert notice["author"] == author.username
    assert shapes.notifications(stranger.notifications()) == []
    assert shapes.notifications(author.notifications()) == []


def test_notifications_come_newest_first_and_are_paged(author: Actor, reader: Actor) -> None:
    """limit and offset cut the page, not the count."""
    reader.follows(author)
    slugs: list[str] = []
    for _ in range(3):
        slugs.insert(0, author.wrote()["slug"])
        _told(reader, slugs[0])

    pages = [
        reader.notifications(),
        reader.notifications(limit=2),
        reader.notifications(limit=2, offset=2),
        reader.notifications(offset=3),
    ]

    told = [[notice["article"] for notice in shapes.notifications(page)] for page in pages]
    assert told == [slugs, slugs[:2], slugs[2:], []]
    assert [page.json()["notificationsCount"] for page in pages] == [3] * 4


def test_a_deleted_articles_notification_is_withdrawn(author: Actor, reader: Actor) -> None:
    """Nobody is pointed to an article that is gone."""
    reader.follows(author)
    slug = author.wrote()["slug"]
    _told(reader, slug)

    author.delete(slug)

    assert shapes.notifications(reader.notifications()) == []


def test_a_notification_knows_its_article_by_the_new_slug(author: Actor, reader: Actor) -> None:
    """The notice points to the article, not to the name it had."""
    reader.follows(author)
    slug = author.wrote()["slug"]
    _told(reader, slug)

    renamed = shapes.article(author.edit(slug, title="Another title"))["slug"]

    [notice] = shapes.notifications(reader.notifications())
    assert notice["article"] == renamed


def test_a_follower_is_told_of_what_comes_and_of_nothing_else(author: Actor, reader: Actor) -> None:
    """Neither articles from before nor imported ones are told of, nor does the next article bring them back."""
    author.wrote()
    reader.follows(author)
    upload = samples.ndjson(samples.article_line())
    assert author.import_articles(upload).json() == {"import": {"taken": 1, "refused": []}}

    published = author.wrote()

    [notice] = _told(reader, published["slug"])
    assert notice["createdAt"] >= published["createdAt"]


def test_notices_have_numbers_of_their_own(http: httpx.Client, author: Actor, reader: Actor) -> None:
    """No two notices share a number, not even those of one article."""
    second = join(http)
    reader.follows(author)
    second.follows(author)

    slug = author.wrote()["slug"]

    told = [notice["id"] for who in (reader, second) for notice in _told(who, slug)]
    assert len(set(told)) == 2
