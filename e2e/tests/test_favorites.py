"""Favourites: POST and DELETE /api/articles/:slug/favorite; runs in the test process."""

from collections.abc import Callable

import httpx
import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor, join
from e2e.conduit.client import Conduit
from e2e.conduit.crowds import all_at_once
from e2e.conduit.refusals import not_found, refusal


def test_a_favourite_counts_for_all_and_shows_to_its_owner(anyone: Conduit, author: Actor, reader: Actor) -> None:
    """The answer is the article; `favorited` is relative to the caller, the count is not."""
    slug = author.wrote()["slug"]

    favorite = shapes.article(reader.favorite(slug))

    assert (favorite["favorited"], favorite["favoritesCount"]) == (True, 1)
    seen = [shapes.article(who.article(slug)) for who in (reader, author, anyone)]
    assert [article["favorited"] for article in seen] == [True, False, False]
    assert [article["favoritesCount"] for article in seen] == [1, 1, 1]


def test_unfavoriting_answers_the_article_no_favourite_any_more(author: Actor, reader: Actor) -> None:
    """An unfavourite is 200 with a body; others' favourites stay."""
    slug = author.wrote()["slug"]
    shapes.article(author.favorite(slug))
    shapes.article(reader.favorite(slug))

    article = shapes.article(reader.unfavorite(slug))

    assert (article["favorited"], article["favoritesCount"]) == (False, 1)


def test_favoriting_does_not_touch_the_article(author: Actor, reader: Actor) -> None:
    """A favourite is the reader's doing: `updatedAt` is the author's."""
    before = author.wrote()

    after = shapes.article(reader.favorite(before["slug"]))

    assert after == before | {"favorited": True, "favoritesCount": 1}


def test_favoriting_twice_counts_once(author: Actor, reader: Actor) -> None:
    """A second favourite changes nothing."""
    slug = author.wrote()["slug"]
    shapes.article(reader.favorite(slug))

    again = shapes.article(reader.favorite(slug))

    assert (again["favorited"], again["favoritesCount"]) == (True, 1)


def test_unfavoriting_what_is_no_favourite_is_no_error(author: Actor, reader: Actor) -> None:
    """No favourite is already what was asked for."""
    slug = author.wrote()["slug"]

    article = shapes.article(reader.unfavorite(slug))

    assert (article["favorited"], article["favoritesCount"]) == (False, 0)


def test_ten_favourites_of_one_reader_at_once_count_once(author: Actor, reader: Actor) -> None:
    """The race inserts one row, and everybody gets 200."""
    slug = author.wrote()["slug"]

    responses = all_at_once(10, lambda _: reader.favorite(slug))

    assert [shapes.article(response)["favorited"] for response in responses] == [True] * 10
    assert shapes.article(reader.article(slug))["favoritesCount"] == 1


def test_favourites_of_ten_readers_at_once_are_all_counted(http: httpx.Client, author: Actor) -> None:
    """No favourite is lost to another."""
    crowd = [join(http) for _ in range(10)]
    slug = author.wrote()["slug"]

    responses = all_at_once(10, lambda number: crowd[number].favorite(slug))

    assert [response.status_code for response in responses] == [200] * 10
    assert shapes.article(author.article(slug))["favoritesCount"] == 10


@pytest.mark.parametrize("act", [Conduit.favorite, Conduit.unfavorite])
def test_an_unknown_article_is_not_found(reader: Actor, act: Callable[[Conduit, str], httpx.Response]) -> None:
    """What does not exist is nobody's favourite."""
    response = act(reader, samples.unique("nothing"))

    assert refusal(response) == not_found("article")
