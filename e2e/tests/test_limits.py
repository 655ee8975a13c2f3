"""The longest and the most that is taken, exactly; runs in the test process."""

from collections.abc import Callable

import httpx
import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor
from e2e.conduit.client import JSON, Conduit
from e2e.conduit.refusals import Refusal, blank, refusal

Send = Callable[[Actor, JSON], httpx.Response]


def _publish(field: str) -> Send:
    return lambda who, value: who.publish(samples.article(**{field: value}))


def _change(field: str) -> Send:
    return lambda who, value: who.update_user(**{field: value})


def _say(who: Actor, value: JSON) -> httpx.Response:
    return who.comment(who.wrote()["slug"], value)


LONGEST = [
    pytest.param("title", 255, _publish("title"), id="title"),
    pytest.param("description", 2_000, _publish("description"), id="description"),
    pytest.param("body", 1_000_000, _publish("body"), id="body"),
    pytest.param("body", 100_000, _say, id="comment"),
    pytest.param("bio", 10_000, _change("bio"), id="bio"),
    pytest.param("image", 2_000, _change("image"), id="image"),
]


@pytest.mark.parametrize(("field", "most", "send"), LONGEST)
def test_a_text_may_be_as_long_as_its_limit_and_no_longer(author: Actor, field: str, most: int, send: Send) -> None:
    """The limit is inclusive, and the refusal says what it is."""
    longest, longer = send(author, "x" * most), send(author, "x" * (most + 1))

    assert longest.is_success, longest.text
    assert refusal(longer) == Refusal(422, {field: [f"is too long (maximum is {most})"]})


def test_names_and_addresses_may_be_as_long_as_their_limits_and_no_longer(anyone: Conduit) -> None:
    """100 characters of a username, 254 of an address."""
    name = samples.unique("x" * 87)
    email = samples.unique("x" * 229) + "@example.org"

    assert (len(name), len(email)) == (100, 254)
    shapes.user(anyone.register(samples.user(username=name, email=email)), status=201)
    longer = anyone.register(samples.user(username=name + "x", email=email + "x"))
    assert refusal(longer).errors == {
        "username": ["is too long (maximum is 100)"],
        "email": ["is too long (maximum is 254)"],
    }


def test_an_article_may_have_a_hundred_tags_of_a_hundred_characters(author: Actor) -> None:
    """One more, or one that is longer, is refused."""
    tags = sorted(f"{number:0100}" for number in range(100))

    article = author.wrote(tagList=tags)

    assert article["tagList"] == tags
    assert refusal(author.publish(samples.article(tagList=[*tags, "x"]))).errors.keys() == {"tagList"}
    assert refusal(author.publish(samples.article(tagList=["x" * 101]))).errors.keys() == {"tagList"}


@pytest.mark.parametrize("space", [" ", "\t\r\n", "\u3000\u2003", "\xa0\ufeff"], ids=ascii)
@pytest.mark.parametrize("field", ["title", "description", "body"])
def test_white_space_alone_is_blank(somebody: Actor, field: str, space: str) -> None:
    """Nothing that anybody could see is nothing, in whatever script."""
    response = somebody.publish(samples.article(**{field: space}))

    assert refusal(response) == blank(field)


@pytest.mark.parametrize("field", ["title", "description", "body"])
def test_null_is_blank(somebody: Actor, field: str) -> None:
    """No text at all is no better than an empty one, and is called the same."""
    response = somebody.publish(samples.article(**{field: None}))

    assert refusal(response) == blank(field)


@pytest.mark.parametrize("limit", [1, 100])
def test_a_page_may_be_as_small_and_as_large_as_its_limits(anyone: Conduit, author: Actor, limit: int) -> None:
    """From one article to a hundred."""
    author.import_articles(samples.ndjson(*[samples.article_line() for _ in range(101)]))

    page = anyone.articles(author=author.username, limit=limit)

    assert len(shapes.articles(page)) == limit
    assert page.json()["articlesCount"] == 101


@pytest.mark.parametrize("listing", [Conduit.articles, Conduit.feed, Conduit.notifications])
def test_a_list_cannot_be_asked_for_what_it_does_not_know(
    somebody: Actor, listing: Callable[..., httpx.Response]
) -> None:
    """A filter that is misspelt would otherwise give everything in silence."""
    response = listing(somebody, tagg="x")

    assert refusal(response) == Refusal(422, {"tagg": ["is not a known key"]})
