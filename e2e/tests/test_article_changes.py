"""Editing and deleting an article; runs in the test process."""

from collections.abc import Callable

import httpx
import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor, join
from e2e.conduit.client import JSON, Conduit
from e2e.conduit.refusals import blank, forbidden, not_found, refusal


def _retitle(who: Conduit, slug: str) -> httpx.Response:
    return who.edit(slug, title="Another title")


def test_a_new_body_leaves_the_rest_as_it_was(author: Actor) -> None:
    """PUT is a partial update: slug, tags and creation stay, `updatedAt` moves on."""
    before = author.wrote(tagList=["a", "b"])

    after = shapes.article(author.edit(before["slug"], body="Rewritten."))

    assert after["updatedAt"] > before["updatedAt"]
    assert after == before | {"body": "Rewritten.", "updatedAt": after["updatedAt"]}
    assert shapes.article(author.article(before["slug"])) == after


def test_a_new_title_gives_a_new_slug(anyone: Conduit, author: Actor) -> None:
    """After renaming, the article is found under its new slug and no more under the old."""
    before = author.wrote(tagList=["a"])
    title = samples.unique("Renamed")

    after = shapes.article(author.edit(before["slug"], title=title))

    assert after["title"] == title
    assert after["slug"] != before["slug"]
    assert after["tagList"] == ["a"]
    assert shapes.article(anyone.article(after["slug"])) == after
    assert refusal(anyone.article(before["slug"])) == not_found("article")


def test_an_unchanged_title_keeps_the_slug(author: Actor) -> None:
    """A form that sends every field does not move the article."""
    before = author.wrote()

    after = shapes.article(author.edit(before["slug"], title=before["title"], body="New."))

    assert after["slug"] == before["slug"]


def test_an_edit_of_nothing_changes_no_content(author: Actor) -> None:
    """All keys are optional, so none at all is fine."""
    before = author.wrote(tagList=["a"])

    after = shapes.article(author.edit(before["slug"]))

    assert after | {"updatedAt": ""} == before | {"updatedAt": ""}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        pytest.param([], [], id="none"),
        pytest.param(["c"], ["c"], id="others"),
        pytest.param(["c", "b", "c"], ["b", "c"], id="some kept"),
    ],
)
def test_a_new_list_of_tags_replaces_the_old_one(author: Actor, sent: list[str], kept: list[str]) -> None:
    """The empty list removes all tags; any other list is the new one, ordered by name."""
    slug = author.wrote(tagList=["a", "b"])["slug"]

    edited = shapes.article(author.edit(slug, tagList=sent))

    assert edited["tagList"] == kept
    assert shapes.article(author.article(slug))["tagList"] == kept


@pytest.mark.parametrize("field", ["title", "description", "body"])
def test_a_field_cannot_be_emptied(author: Actor, field: str) -> None:
    """What must not be blank when publishing must not become so later."""
    slug = author.wrote()["slug"]

    response = author.edit(slug, **{field: ""})

    assert refusal(response) == blank(field)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("tagList", None, id="null tags"),
        pytest.param("tagList", [None], id="null among the tags"),
        pytest.param("title", None, id="null title"),
        pytest.param("body", 7, id="number for a body"),
        pytest.param("author", "me", id="key nobody may set"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_by_name(author: Actor, field: str, value: JSON) -> None:
    """Nulls, wrong types and unknown keys are 422 and change nothing."""
    before = author.wrote(tagList=["a"])

    response = author.edit(before["slug"], **{field: value})

    assert refusal(response).status == 422
    assert field in refusal(response).errors
    assert shapes.article(author.article(before["slug"])) == before


@pytest.mark.parametrize("act", [_retitle, Conduit.delete], ids=["edit", "delete"])
def test_nobody_else_may_touch_an_article(
    author: Actor, reader: Actor, act: Callable[[Conduit, str], httpx.Response]
) -> None:
    """Only the author edits and deletes; others get 403 and change nothing."""
    before = author.wrote()

    response = act(reader, before["slug"])

    assert refusal(response) == forbidden("article")
    assert shapes.article(author.article(before["slug"])) == before


@pytest.mark.parametrize("act", [_retitle, Conduit.delete], ids=["edit", "delete"])
def test_an_unknown_article_cannot_be_touched(somebody: Actor, act: Callable[[Conduit, str], httpx.Response]) -> None:
    """Editing or deleting what does not exist is 404."""
    response = act(somebody, samples.unique("nothing"))

    assert refusal(response) == not_found("article")


def test_deleting_answers_204_with_nothing_and_the_article_is_gone(anyone: Conduit, author: Actor) -> None:
    """Afterwards neither its slug nor the lists know the article."""
    slug = author.wrote()["slug"]

    response = author.delete(slug)

    assert (response.status_code, response.content) == (204, b"")
    assert refusal(anyone.article(slug)) == not_found("article")
    assert shapes.articles(anyone.articles(author=author.username)) == []
    assert refusal(author.delete(slug)) == not_found("article")


def test_an_article_with_comments_tags_favourites_and_notices_can_be_deleted(
    http: httpx.Client, author: Actor, reader: Actor
) -> None:
    """Whatever hangs on an article goes with it; nobody else's article is touched."""
    reader.follows(author)
    slug = author.wrote(tagList=["a", "b"])["slug"]
    kept = author.wrote(tagList=["a"])
    for who in (author, reader, join(http)):
        who.said(slug, "Fine.")
        shapes.article(who.favorite(slug))

    response = author.delete(slug)

    assert response.status_code == 204
    assert shapes.articles(reader.articles(favorited=reader.username)) == []
    assert refusal(reader.comments(slug)) == not_found("article")
    assert shapes.article(author.article(kept["slug"])) == kept
