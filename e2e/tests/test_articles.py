"""Publishing and reading an article; runs in the test process."""

import re

import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor
from e2e.conduit.client import JSON, Conduit
from e2e.conduit.crowds import all_at_once
from e2e.conduit.refusals import blank, not_found, refusal


def test_publishing_answers_201_with_the_whole_article(author: Actor) -> None:
    """What was sent comes back, with a slug, the author, and no favourites yet."""
    sent = samples.article(tagList=["dragons", "training"])

    article = shapes.article(author.publish(sent), status=201)

    assert {key: article[key] for key in sent} == sent
    assert article["favorited"] is False
    assert article["favoritesCount"] == 0
    assert article["author"] == {
        "username": author.username,
        "bio": None,
        "image": None,
        "following": False,
    }


def test_an_article_reads_the_same_for_everybody(anyone: Conduit, author: Actor, reader: Actor) -> None:
    """With and without a token, reading gives what publishing gave."""
    published = author.wrote(tagList=["a"])

    read = [shapes.article(who.article(published["slug"])) for who in (anyone, author, reader)]

    assert read == [published] * 3


def test_the_author_is_shown_as_followed_to_followers(author: Actor, reader: Actor) -> None:
    """`author.following` is relative to the caller, like the profile's."""
    slug = author.wrote()["slug"]
    reader.follows(author)

    article = shapes.article(reader.article(slug))

    assert article["author"]["following"] is True


def test_an_article_without_tags_has_an_empty_list_of_them(author: Actor) -> None:
    """`tagList` is optional when publishing and always present when reading."""
    article = shapes.article(author.publish(samples.article()), status=201)

    assert article["tagList"] == []


def test_tags_are_ordered_by_name_and_each_is_there_once(author: Actor) -> None:
    """However they were sent, tags come back sorted and without repetition."""
    article = author.wrote(tagList=["training", "dragons", "training"])

    assert article["tagList"] == ["dragons", "training"]


@pytest.mark.parametrize("field", ["title", "description", "body"])
def test_a_blank_field_is_refused_by_name(somebody: Actor, field: str) -> None:
    """Title, description and body must be filled in."""
    response = somebody.publish(samples.article(**{field: ""}))

    assert refusal(response) == blank(field)


@pytest.mark.parametrize("field", ["title", "description", "body"])
def test_a_missing_field_is_refused_by_name(somebody: Actor, field: str) -> None:
    """Leaving a field out is no better than leaving it blank."""
    response = somebody.publish(samples.without(samples.article(), field))

    assert refusal(response).status == 422
    assert field in refusal(response).errors


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("title", None, id="null title"),
        pytest.param("title", 7, id="number for a title"),
        pytest.param("body", {}, id="object for a body"),
        pytest.param("tagList", None, id="null tags"),
        pytest.param("tagList", "dragons", id="text for tags"),
        pytest.param("tagList", ["a", 7], id="number among the tags"),
        pytest.param("tagList", ["a", ""], id="blank tag"),
        pytest.param("slug", "mine", id="key nobody may set"),
    ],
)
def test_a_field_that_does_not_fit_is_refused_by_name(somebody: Actor, field: str, value: JSON) -> None:
    """Wrong types and unknown keys are 422, in the one error shape."""
    response = somebody.publish(samples.article(**{field: value}))

    assert refusal(response).status == 422
    assert field in refusal(response).errors


def test_the_same_title_twice_gives_two_articles(anyone: Conduit, author: Actor) -> None:
    """Duplicate titles are allowed; the slugs differ."""
    title = samples.unique("Twice")

    first, second = author.wrote(title=title), author.wrote(title=title)

    assert first["slug"] != second["slug"]
    assert shapes.article(anyone.article(first["slug"])) == first
    assert shapes.article(anyone.article(second["slug"])) == second


def test_ten_articles_of_one_title_at_once_get_ten_slugs(author: Actor) -> None:
    """Publishing does not race: every one is 201, with a slug of its own."""
    sample = samples.article(tagList=[samples.unique("tag")])

    responses = all_at_once(10, lambda _: author.publish(sample))

    slugs = {shapes.article(response, status=201)["slug"] for response in responses}
    assert len(slugs) == 10


@pytest.mark.parametrize(
    "title",
    [
        "How to train your dragon",
        "Zażółć gęślą jaźń",
        "日本語の題名",
        "🐉🐉🐉",
        "?!/..",
        "feed",
        "stream",
        "x" * 255,
    ],
)
def test_an_article_of_any_title_is_found_by_its_slug(anyone: Conduit, author: Actor, title: str) -> None:
    """A title may be unicode, punctuation, long or the name of a route."""
    slug = author.wrote(title=title)["slug"]

    article = shapes.article(anyone.article(slug))

    assert article["title"] == title


@pytest.mark.parametrize("text", ["naïve 日本語 🐉", "a\u2028b", "'; DROP TABLE articles; --", "\t\n x"])
def test_text_of_any_kind_is_stored_faithfully(anyone: Conduit, author: Actor, text: str) -> None:
    """Description, body and tags come back to the letter."""
    slug = author.wrote(description=text, body=text, tagList=[text])["slug"]

    article = shapes.article(anyone.article(slug))

    assert (article["description"], article["body"], article["tagList"]) == (text, text, [text])


@pytest.mark.parametrize("slug", ["nothing-here", "%00", "a/b", "🐉", "x" * 2000])
def test_an_unknown_slug_is_not_found(anyone: Conduit, slug: str) -> None:
    """Whatever stands in its place, an article that does not exist is 404."""
    response = anyone.article(samples.unique(slug))

    assert refusal(response).status == 404


def test_an_unknown_article_is_called_so(anyone: Conduit) -> None:
    """The refusal names what was not found."""
    response = anyone.article(samples.unique("nothing"))

    assert refusal(response) == not_found("article")


def test_nul_in_a_slug_is_an_unknown_article(anyone: Conduit) -> None:
    """PostgreSQL cannot even compare text with NUL, which must not surface as a 500."""
    response = anyone.article("nul\0")

    assert refusal(response) == not_found("article")


def test_a_slug_can_be_read_and_not_be_guessed(author: Actor) -> None:
    """The title as far as ASCII goes, and enough of a random number."""
    slugs = [author.wrote(title=title)["slug"] for title in ("How to train your dragon?", "?!")]

    assert re.fullmatch(r"how-to-train-your-dragon-[0-9a-f]{16}", slugs[0])
    assert re.fullmatch(r"[0-9a-f]{16}", slugs[1])
