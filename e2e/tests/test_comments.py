"""Comments on an article; runs in the test process."""

import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor
from e2e.conduit.client import JSON, Conduit
from e2e.conduit.refusals import blank, forbidden, not_found, refusal

NO_COMMENT = 99999999


def test_commenting_answers_201_with_the_comment(author: Actor, reader: Actor) -> None:
    """A comment has a number, its times, its text and its author."""
    slug = author.wrote()["slug"]

    comment = shapes.comment(reader.comment(slug, "Thank you."))

    assert comment["body"] == "Thank you."
    assert comment["updatedAt"] >= comment["createdAt"]
    assert comment["author"] == {
        "username": reader.username,
        "bio": None,
        "image": None,
        "following": False,
    }


def test_comments_are_listed_newest_first_for_everybody(anyone: Conduit, author: Actor, reader: Actor) -> None:
    """With and without a token, all comments of this article and of no other."""
    slug, other = author.wrote()["slug"], author.wrote()["slug"]
    said = [reader.said(slug, "One."), author.said(slug, "Two."), reader.said(slug, "Three.")]
    author.said(other, "Elsewhere.")

    listed = [shapes.comments(who.comments(slug)) for who in (anyone, author)]

    assert listed == [said[::-1]] * 2


def test_an_article_without_comments_has_an_empty_list(anyone: Conduit, author: Actor) -> None:
    """Nothing said is no error."""
    slug = author.wrote()["slug"]

    comments = shapes.comments(anyone.comments(slug))

    assert comments == []


def test_the_commenter_is_shown_as_followed_to_followers(author: Actor, reader: Actor) -> None:
    """`author.following` is relative to the caller."""
    slug = author.wrote()["slug"]
    reader.said(slug, "Mine.")
    author.said(slug, "Thanks.")
    reader.follows(author)

    comments = shapes.comments(reader.comments(slug))

    assert [comment["author"]["following"] for comment in comments] == [True, False]


def test_a_blank_comment_is_refused(author: Actor) -> None:
    """A comment must say something."""
    slug = author.wrote()["slug"]

    response = author.comment(slug, "")

    assert refusal(response) == blank("body")


@pytest.mark.parametrize("body", [None, 7, ["x"], {}], ids=["null", "number", "list", "object"])
def test_a_comment_that_is_no_text_is_refused(author: Actor, body: JSON) -> None:
    """Wrong types are 422, in the one error shape."""
    slug = author.wrote()["slug"]

    response = author.comment(slug, body)

    assert refusal(response).status == 422
    assert "body" in refusal(response).errors


def test_comments_of_an_unknown_article_are_not_found(anyone: Conduit, reader: Actor) -> None:
    """Neither reading nor writing comments works where there is no article."""
    slug = samples.unique("nothing")

    assert refusal(anyone.comments(slug)) == not_found("article")
    assert refusal(reader.comment(slug, "Hello?")) == not_found("article")
    assert refusal(reader.delete_comment(slug, 1)) == not_found("article")


def test_a_comment_is_deleted_by_whoever_wrote_it(author: Actor, reader: Actor) -> None:
    """204 with nothing, and the others stay."""
    slug = author.wrote()["slug"]
    gone, kept = reader.said(slug, "Oops."), reader.said(slug, "Fine.")

    response = reader.delete_comment(slug, gone["id"])

    assert (response.status_code, response.content) == (204, b"")
    assert shapes.comments(author.comments(slug)) == [kept]


def test_not_even_the_articles_author_may_delete_anothers_comment(author: Actor, reader: Actor) -> None:
    """A comment is its writer's, wherever it stands."""
    slug = author.wrote()["slug"]
    comment = reader.said(slug, "Hm.")

    response = author.delete_comment(slug, comment["id"])

    assert refusal(response) == forbidden("comment")
    assert shapes.comments(author.comments(slug)) == [comment]


@pytest.mark.parametrize("number", [NO_COMMENT, 2**31, 2**63, 10**40])
def test_an_unknown_comment_is_not_found(author: Actor, number: int) -> None:
    """A number that no comment has is 404, however large."""
    slug = author.wrote()["slug"]

    response = author.delete_comment(slug, number)

    assert refusal(response) == not_found("comment")


def test_a_comment_is_only_found_under_its_own_article(author: Actor) -> None:
    """The slug in the path is part of the comment's address."""
    slug, other = author.wrote()["slug"], author.wrote()["slug"]
    comment = author.said(slug, "Here.")

    response = author.delete_comment(other, comment["id"])

    assert refusal(response) == not_found("comment")
    assert shapes.comments(author.comments(slug)) == [comment]


@pytest.mark.parametrize("number", ["one", "1.5", "-1", "0x1"])
def test_a_comment_number_that_is_none_is_refused(author: Actor, number: str) -> None:
    """No comment has such a number: not found or not understood, never a 500."""
    slug = author.wrote()["slug"]

    response = author.send("DELETE", f"/api/articles/{slug}/comments/{number}")

    assert refusal(response).status in {404, 422}
