"""Profiles, following and unfollowing; runs in the test process."""

from collections.abc import Callable

import httpx
import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor
from e2e.conduit.client import Conduit
from e2e.conduit.crowds import all_at_once
from e2e.conduit.refusals import not_found, refusal


def test_anybody_may_see_a_profile(anyone: Conduit, author: Actor) -> None:
    """A profile shows name, bio and image, never the address; nobody anonymous follows."""
    shapes.user(author.update_user(bio="I write.", image="https://example.org/i.png"))

    profile = shapes.profile(anyone.profile(author.username))

    assert profile == {
        "username": author.username,
        "bio": "I write.",
        "image": "https://example.org/i.png",
        "following": False,
    }


def test_following_shows_to_the_follower_alone(anyone: Conduit, author: Actor, reader: Actor) -> None:
    """`following` is relative to the caller."""
    followed = shapes.profile(reader.follow(author.username))

    assert followed["following"] is True
    assert shapes.profile(reader.profile(author.username))["following"] is True
    assert shapes.profile(author.profile(author.username))["following"] is False
    assert shapes.profile(author.profile(reader.username))["following"] is False
    assert shapes.profile(anyone.profile(author.username))["following"] is False


def test_unfollowing_answers_the_profile_no_longer_followed(author: Actor, reader: Actor) -> None:
    """An unfollow is 200 with a body, and lasts."""
    reader.follows(author)

    unfollowed = shapes.profile(reader.unfollow(author.username))

    assert unfollowed["following"] is False
    assert shapes.profile(reader.profile(author.username))["following"] is False


def test_following_twice_is_following_once(author: Actor, reader: Actor) -> None:
    """A second follow changes nothing, and one unfollow ends it."""
    reader.follows(author)

    again = shapes.profile(reader.follow(author.username))

    assert again["following"] is True
    assert shapes.profile(reader.unfollow(author.username))["following"] is False
    assert shapes.profile(reader.profile(author.username))["following"] is False


def test_unfollowing_a_stranger_is_no_error(author: Actor, reader: Actor) -> None:
    """Not following is already what was asked for."""
    response = reader.unfollow(author.username)

    assert shapes.profile(response)["following"] is False


def test_ten_follows_at_once_are_one_follow(author: Actor, reader: Actor) -> None:
    """The race inserts one row: all get 200, and a single unfollow ends it."""
    responses = all_at_once(10, lambda _: reader.follow(author.username))

    assert [shapes.profile(response)["following"] for response in responses] == [True] * 10
    assert shapes.profile(reader.unfollow(author.username))["following"] is False


def test_nobody_can_follow_themselves(author: Actor) -> None:
    """Following oneself is refused, and leaves no trace."""
    response = author.follow(author.username)

    assert refusal(response).status == 422
    assert shapes.profile(author.profile(author.username))["following"] is False


@pytest.mark.parametrize("act", [Conduit.profile, Conduit.follow, Conduit.unfollow])
def test_an_unknown_username_is_not_found(reader: Actor, act: Callable[[Conduit, str], httpx.Response]) -> None:
    """Whatever one wants of a user who does not exist, the profile is not found."""
    response = act(reader, samples.unique("nobody"))

    assert refusal(response) == not_found("profile")


def test_a_profile_is_known_by_its_new_name_only(anyone: Conduit, author: Actor) -> None:
    """After renaming, the old name is free and unknown."""
    renamed = samples.unique("renamed")
    shapes.user(author.update_user(username=renamed))

    old = anyone.profile(author.username)

    assert refusal(old) == not_found("profile")
    assert shapes.profile(anyone.profile(renamed))["username"] == renamed


@pytest.mark.parametrize("name", ["Zoë Ångström", "日本語の名前", "100% & more?"])
def test_a_profile_in_any_script_is_found(anyone: Conduit, name: str) -> None:
    """The username travels percent-encoded in the path."""
    username = samples.unique(name)
    shapes.user(anyone.register(samples.user(username=username)), status=201)

    profile = shapes.profile(anyone.profile(username))

    assert profile["username"] == username
