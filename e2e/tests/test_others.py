"""What one user undoes is that user's alone: everything of everybody else stays; runs in the test process."""

import httpx

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor, join
from e2e.conduit.client import Conduit


def _followed(viewer: Conduit, *others: Actor) -> list[bool]:
    return [shapes.profile(viewer.profile(other.username))["following"] for other in others]


def _slugs(response: httpx.Response) -> set[str]:
    return {article["slug"] for article in shapes.articles(response)}


def test_an_unfollow_ends_one_following_and_no_other(http: httpx.Client, author: Actor, reader: Actor) -> None:
    """Whom the caller follows besides, who else follows the author, and what strangers follow: all that stays."""
    second, stranger = join(http), join(http)
    for follower, followed in [
        (reader, author),
        (reader, second),
        (second, author),
        (author, reader),
        (stranger, second),
    ]:
        follower.follows(followed)

    shapes.profile(reader.unfollow(author.username))

    assert _followed(reader, author, second) == [False, True]
    assert _followed(second, author) == [True]
    assert _followed(author, reader) == [True]
    assert _followed(stranger, second) == [True]


def test_an_unfavourite_ends_one_favourite_and_no_other(http: httpx.Client, author: Actor, reader: Actor) -> None:
    """The caller's favourites among other articles stay, and so do others' favourites of this one and of any."""
    second = join(http)
    slug, other, third = (author.wrote()["slug"] for _ in range(3))
    for who, what in [(reader, slug), (reader, other), (second, slug), (second, third)]:
        shapes.article(who.favorite(what))

    shapes.article(reader.unfavorite(slug))

    assert _slugs(reader.articles(favorited=reader.username)) == {other}
    assert _slugs(reader.articles(favorited=second.username)) == {slug, third}
    counts = [shapes.article(author.article(each))["favoritesCount"] for each in (slug, other, third)]
    assert counts == [1, 1, 1]


def test_new_tags_of_one_article_cost_no_other_article_its_own(author: Actor, reader: Actor) -> None:
    """Neither the author's other articles nor anybody else's lose a tag, even one of the same name."""
    slug = author.wrote(tagList=["a", "b"])["slug"]
    kept = [author.wrote(tagList=["a", "b"]), reader.wrote(tagList=["b", "c"])]

    shapes.article(author.edit(slug, tagList=["c"]))

    assert [shapes.article(author.article(article["slug"])) for article in kept] == kept


def test_a_deleted_article_takes_no_other_along(http: httpx.Client, author: Actor, reader: Actor) -> None:
    """Articles before and after it, the author's and others', keep their comments and favourites."""
    before, gone, after = author.wrote(), author.wrote(), reader.wrote()
    for article in (before, gone, after):
        reader.said(article["slug"], "Fine.")
        shapes.article(author.favorite(article["slug"]))
    kept = [author.article(article["slug"]).json() for article in (before, after)]
    comments = [author.comments(article["slug"]).json() for article in (before, after)]

    assert author.delete(gone["slug"]).status_code == 204

    assert [author.article(article["slug"]).json() for article in (before, after)] == kept
    assert [author.comments(article["slug"]).json() for article in (before, after)] == comments
    assert [len(found["comments"]) for found in comments] == [1, 1]
    assert _slugs(Conduit(http).articles(favorited=author.username)) == {before["slug"], after["slug"]}


def test_a_deleted_comment_takes_no_other_along(author: Actor, reader: Actor) -> None:
    """The writer's other comments stay, here and elsewhere, and so do everybody else's."""
    slug, other = author.wrote()["slug"], author.wrote()["slug"]
    gone = reader.said(slug, "Oops.")
    here = [reader.said(slug, "Fine."), author.said(slug, "Indeed.")]
    there = [reader.said(other, "Here too."), author.said(other, "Thanks.")]

    assert reader.delete_comment(slug, gone["id"]).status_code == 204

    assert shapes.comments(author.comments(slug)) == here[::-1]
    assert shapes.comments(author.comments(other)) == there[::-1]


def test_the_edit_of_one_article_or_user_changes_no_other(author: Actor, reader: Actor) -> None:
    """What is written over is one row: the next article and the next user are as they were."""
    slug = author.wrote()["slug"]
    kept = [author.wrote(), reader.wrote()]
    someone = shapes.user(reader.current_user())

    shapes.article(author.edit(slug, title=samples.unique("New"), description="New.", body="New."))
    shapes.user(author.update_user(bio="New.", image="new", password="new password"))

    assert [shapes.article(Conduit(author.http).article(article["slug"])) for article in kept] == [
        kept[0] | {"author": kept[0]["author"] | {"bio": "New.", "image": "new"}},
        kept[1],
    ]
    assert shapes.user(reader.current_user()) | {"token": ""} == someone | {"token": ""}
    shapes.user(reader.log_in({"email": reader.email, "password": reader.password}))


def test_the_feed_and_the_flags_are_the_callers_own(http: httpx.Client, author: Actor, reader: Actor) -> None:
    """Who is followed by others, or favoured by the caller elsewhere, is neither in one's feed nor flagged."""
    second = join(http)
    second.follows(author)
    reader.follows(second)
    mine, other = author.wrote()["slug"], author.wrote()["slug"]
    shapes.article(reader.favorite(other))

    article = shapes.article(reader.article(mine))

    assert (article["favorited"], article["author"]["following"]) == (False, False)
    assert _slugs(reader.feed()) == set()
    assert _slugs(second.feed()) == {mine, other}
