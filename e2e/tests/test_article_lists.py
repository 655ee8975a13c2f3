"""GET /api/articles and the paging that all lists share; runs in the test process."""

from collections.abc import Callable

import httpx
import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor, join
from e2e.conduit.client import Conduit, Fields
from e2e.conduit.refusals import refusal

Listing = Callable[..., httpx.Response]
LISTS: list[Listing] = [Conduit.articles, Conduit.feed, Conduit.notifications]


def _slugs(articles: list[Fields]) -> list[str]:
    return [article["slug"] for article in articles]


def test_a_list_holds_articles_without_their_bodies(anyone: Conduit, author: Actor) -> None:
    """An item is the article as published, less the body."""
    published = author.wrote(tagList=["a"])

    listed = shapes.articles(anyone.articles(author=author.username))

    assert listed == [samples.without(published, "body")]


def test_a_list_is_seen_with_the_callers_eyes(anyone: Conduit, author: Actor, reader: Actor) -> None:
    """`favorited` and `author.following` are relative to the caller, the count is not."""
    slug = author.wrote()["slug"]
    reader.follows(author)
    shapes.article(reader.favorite(slug))

    [mine] = shapes.articles(reader.articles(author=author.username))
    [theirs] = shapes.articles(anyone.articles(author=author.username))

    assert (mine["favorited"], mine["author"]["following"]) == (True, True)
    assert (theirs["favorited"], theirs["author"]["following"]) == (False, False)
    assert (mine["favoritesCount"], theirs["favoritesCount"]) == (1, 1)


def test_the_newest_article_comes_first(anyone: Conduit, author: Actor) -> None:
    """Lists are ordered by time of publication; an edit does not bring an article forward."""
    slugs = [author.wrote()["slug"] for _ in range(3)]
    shapes.article(author.edit(slugs[0], body="Edited."))

    listed = _slugs(shapes.articles(anyone.articles(author=author.username)))

    assert listed == slugs[::-1]


def test_a_page_holds_twenty_unless_asked_otherwise_and_the_count_holds_all(anyone: Conduit, author: Actor) -> None:
    """`articlesCount` ignores limit and offset; pages follow each other without gap or overlap."""
    lines = [samples.article_line() for _ in range(21)]
    author.import_articles(samples.ndjson(*lines))
    titles = [line["article"]["title"] for line in lines[::-1]]
    mine = author.username

    pages = [
        anyone.articles(author=mine),
        anyone.articles(author=mine, limit=2),
        anyone.articles(author=mine, limit=2, offset=2),
        anyone.articles(author=mine, offset=20),
        anyone.articles(author=mine, limit=100),
        anyone.articles(author=mine, offset=21),
    ]

    found = [[article["title"] for article in shapes.articles(page)] for page in pages]
    assert found == [titles[:20], titles[:2], titles[2:4], titles[20:], titles, []]
    assert [page.json()["articlesCount"] for page in pages] == [21] * 6


@pytest.mark.parametrize("listing", LISTS)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "0"),
        ("limit", "101"),
        ("limit", "-1"),
        ("limit", "ten"),
        ("limit", ""),
        ("limit", "1.5"),
        ("limit", "9" * 400),
        ("offset", "-1"),
        ("offset", "x"),
        ("offset", "9" * 400),
    ],
)
def test_paging_out_of_bounds_is_refused_by_name(somebody: Actor, listing: Listing, name: str, value: str) -> None:
    """A limit is a number from 1 to 100, an offset a number from 0, in every list."""
    response = listing(somebody, **{name: value})

    assert refusal(response).status == 422
    assert refusal(response).errors.keys() == {name}


@pytest.mark.parametrize("listing", LISTS)
def test_an_offset_beyond_any_table_is_an_empty_page(somebody: Actor, listing: Listing) -> None:
    """An offset too large for the database's integers is no error of ours."""
    response = listing(somebody, offset=2**63)

    assert response.status_code in {200, 422}


def test_filters_choose_by_tag_author_and_favourite(http: httpx.Client, anyone: Conduit) -> None:
    """Each filter alone gives its articles, newest first."""
    jane, john = join(http), join(http)
    tag = samples.unique("tag")
    one, two = jane.wrote(tagList=[tag, "b"])["slug"], john.wrote(tagList=["a", tag])["slug"]
    three = jane.wrote()["slug"]
    for slug in (one, three):
        shapes.article(john.favorite(slug))

    assert _slugs(shapes.articles(anyone.articles(tag=tag))) == [two, one]
    assert _slugs(shapes.articles(anyone.articles(author=jane.username))) == [three, one]
    assert _slugs(shapes.articles(anyone.articles(favorited=john.username))) == [three, one]


def test_filters_together_must_all_match(http: httpx.Client, anyone: Conduit) -> None:
    """Tag, author and favourite combine as AND, and the count with them."""
    jane, john = join(http), join(http)
    tag = samples.unique("tag")
    wanted = jane.wrote(tagList=[tag])["slug"]
    others = [jane.wrote(tagList=[tag]), jane.wrote(), john.wrote(tagList=[tag])]
    for slug in (wanted, *_slugs(others[1:])):
        shapes.article(john.favorite(slug))

    page = anyone.articles(tag=tag, author=jane.username, favorited=john.username)

    assert _slugs(shapes.articles(page)) == [wanted]
    assert page.json()["articlesCount"] == 1


@pytest.mark.parametrize("name", ["tag", "author", "favorited"])
@pytest.mark.parametrize("value", ["nobody-uses-this", "nul\0", "🐉", "'"])
def test_an_unknown_tag_or_user_gives_an_empty_list(anyone: Conduit, name: str, value: str) -> None:
    """Filtering by what does not exist is no error."""
    page = anyone.articles(**{name: samples.unique(value)})

    assert shapes.articles(page) == []
    assert page.json()["articlesCount"] == 0


def test_articles_published_at_once_are_each_listed_once(author: Actor) -> None:
    """Pages of one are as gapless as any, even where times of publication may be equal."""
    slugs = {author.wrote()["slug"] for _ in range(4)}

    pages = [author.articles(author=author.username, limit=1, offset=n) for n in range(4)]

    assert {slug for page in pages for slug in _slugs(shapes.articles(page))} == slugs


def test_names_are_told_apart_to_the_letter(http: httpx.Client, anyone: Conduit) -> None:
    """A name in another case, or a part of it, is another: in filters, in profiles and at the login."""
    stem = samples.unique("name")
    lower = join(http, username=stem, email=f"{stem}@example.org")
    lower.wrote(tagList=[stem, f"{stem}-longer"])
    upper = stem.upper()

    pages = [anyone.articles(tag=upper), anyone.articles(tag=stem[:-1]), anyone.articles(author=upper)]

    assert [page.json()["articlesCount"] for page in pages] == [0, 0, 0]
    assert anyone.profile(upper).status_code == 404
    assert anyone.log_in({"email": f"{upper}@example.org", "password": lower.password}).status_code == 401
