"""Requests that meet in the database: each waits for its turn, and none is lost; runs in the test process.

Somebody outside holds the row, so that all requests are under way before the first can go on.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor
from e2e.conduit.client import Conduit
from e2e.conduit.refusals import not_found, refusal
from e2e.conduit.servers import Server
from e2e.conduit.streams import listening
from e2e.conduit.waiting import eventually
from e2e.tests.outside import Outsider, outsider

pytestmark = pytest.mark.usefixtures("postgresql")

Request = Callable[[], httpx.Response]


@pytest.fixture
def trouble(server: Server) -> Iterator[Outsider]:
    """Somebody beside the server at its database."""
    with outsider(server) as somebody:
        yield somebody


def _meeting(trouble: Outsider, held: str, *requests: Request) -> list[httpx.Response]:
    """The answers of requests that all came to wait for what the statement holds, before it was let go."""
    with ThreadPoolExecutor(len(requests)) as crowd:
        with trouble.transaction(held):
            under_way = [crowd.submit(request) for request in requests]
            count = len(requests)
            eventually(f"{count} requests to wait for a lock", lambda: len(trouble.waiting()) >= count)
        return [request.result() for request in under_way]


def _row(slug: str) -> str:
    return f"SELECT 1 FROM articles WHERE slug = '{slug}' FOR UPDATE"  # noqa: S608 - a slug has no quotes


def test_of_two_edits_at_once_the_tags_are_those_of_one(author: Actor, trouble: Outsider) -> None:
    """The later one replaces the earlier one's tags; they are never mixed."""
    slug = author.wrote(tagList=["old"])["slug"]

    answers = _meeting(
        trouble,
        _row(slug),
        lambda: author.edit(slug, tagList=["this"]),
        lambda: author.edit(slug, tagList=["that"]),
    )

    assert [shapes.article(answer)["tagList"] for answer in answers] == [["this"], ["that"]]
    assert shapes.article(author.article(slug))["tagList"] in (["this"], ["that"])


def test_of_two_new_titles_at_once_only_one_moves_the_article(author: Actor, trouble: Outsider) -> None:
    """Whoever comes second finds the article gone from its slug, and nobody is told a slug that leads nowhere."""
    slug = author.wrote()["slug"]

    answers = _meeting(trouble, _row(slug), *[lambda: author.edit(slug, title=samples.unique("New"))] * 2)

    assert sorted(answer.status_code for answer in answers) == [200, 404]
    [moved] = [shapes.article(answer) for answer in answers if answer.status_code == 200]
    assert shapes.article(author.article(moved["slug"])) == moved


def test_of_two_changes_of_one_user_at_once_the_second_knows_of_the_first(author: Actor, trouble: Outsider) -> None:
    """Neither is lost, and one of the answers shows both."""
    held = f"SELECT 1 FROM users WHERE username = '{author.username}' FOR UPDATE"  # noqa: S608

    answers = _meeting(
        trouble, held, lambda: author.update_user(bio="Mine."), lambda: author.update_user(image="me.png")
    )

    seen = [(user["bio"], user["image"]) for user in map(shapes.user, answers)]
    assert ("Mine.", "me.png") in seen
    user = shapes.user(author.current_user())
    assert (user["bio"], user["image"]) == ("Mine.", "me.png")


def test_of_two_deletions_of_one_comment_at_once_one_comes_too_late(author: Actor, trouble: Outsider) -> None:
    """It is deleted once: 204 and then 404."""
    slug = author.wrote()["slug"]
    number = author.said(slug, "Twice.")["id"]
    held = f"SELECT 1 FROM comments WHERE id = {number} FOR UPDATE"  # noqa: S608 - a number

    answers = _meeting(trouble, held, *[lambda: author.delete_comment(slug, number)] * 2)

    assert sorted(answer.status_code for answer in answers) == [204, 404]


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(Conduit.favorite, id="favourite"),
        pytest.param(Conduit.unfavorite, id="unfavourite"),
        pytest.param(lambda who, slug: who.comment(slug, "Too late."), id="comment"),
    ],
)
def test_an_article_deleted_meanwhile_is_not_found(
    author: Actor, reader: Actor, trouble: Outsider, act: Callable[[Conduit, str], httpx.Response]
) -> None:
    """Who refers to an article while it is being deleted waits, and then gets 404, never a 500."""
    slug = author.wrote()["slug"]

    deleted = f"DELETE FROM articles WHERE slug = '{slug}'"  # noqa: S608 - a slug has no quotes
    [answer] = _meeting(trouble, deleted, lambda: act(reader, slug))

    assert refusal(answer) == not_found("article")


def test_those_who_refer_to_one_article_do_not_wait_for_each_other(
    author: Actor, reader: Actor, trouble: Outsider
) -> None:
    """Favourites and comments share an article: only its author's changes have it alone."""
    slug = author.wrote()["slug"]
    shared = f"SELECT 1 FROM articles WHERE slug = '{slug}' FOR KEY SHARE"  # noqa: S608 - a slug has no quotes

    with trouble.transaction(shared):
        favorite, comment = reader.favorite(slug), reader.comment(slug, "At once.")

    assert shapes.article(favorite)["favorited"] is True
    assert shapes.comment(comment)["body"] == "At once."


def test_an_article_under_way_is_numbered_before_any_that_comes_later(
    anyone: Conduit, author: Actor, reader: Actor, trouble: Outsider
) -> None:
    """Nobody gets a number while one that is lower is not yet to be seen: a stream that resumes would miss it."""
    slug = author.wrote()["slug"]
    columns = "title, description, body, created_at, updated_at, author_id"
    twin = f"INSERT INTO articles (slug, {columns}) SELECT '{slug}-2', {columns} FROM articles WHERE slug = '{slug}'"  # noqa: S608

    with listening(anyone) as listener:
        [later] = _meeting(trouble, twin, lambda: reader.publish(samples.article()))
        first, second = listener.next_by(author.username), listener.next_by(reader.username)

    assert first.article["slug"] == f"{slug}-2"
    assert second.article["slug"] == shapes.article(later, status=201)["slug"]
    assert first.number < second.number
