"""GET and PUT /api/user; runs in the test process."""

from collections import Counter

import httpx
import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor, join
from e2e.conduit.client import JSON, Conduit
from e2e.conduit.crowds import all_at_once
from e2e.conduit.refusals import BAD_CREDENTIALS, blank, refusal, taken


def test_the_current_user_is_whoever_the_token_was_given_to(author: Actor) -> None:
    """GET /api/user shows oneself, e-mail included."""
    user = shapes.user(author.current_user())

    assert (user["username"], user["email"]) == (author.username, author.email)


def test_every_field_can_be_changed_at_once_and_persists(anyone: Conduit, author: Actor) -> None:
    """A full update is answered with the new values, which later requests see too."""
    new = samples.user(password="another password")

    updated = author.update_user(bio="I write.", image="https://example.org/i.png", **new)

    user = shapes.user(updated)
    assert user["username"] == new["username"]
    assert user["email"] == new["email"]
    assert user["bio"] == "I write."
    assert user["image"] == "https://example.org/i.png"
    again = shapes.user(Conduit(anyone.http, user["token"]).current_user())
    assert again | {"token": ""} == user | {"token": ""}
    shapes.user(anyone.log_in({"email": new["email"], "password": new["password"]}))


def test_what_is_left_out_stays_as_it_was(author: Actor) -> None:
    """PUT is a partial update: a new username costs nobody the bio."""
    shapes.user(author.update_user(bio="I write.", image="https://example.org/i.png"))
    username = samples.unique("renamed")

    user = shapes.user(author.update_user(username=username))

    assert user["username"] == username
    assert user["email"] == author.email
    assert user["bio"] == "I write."
    assert user["image"] == "https://example.org/i.png"


def test_an_update_of_nothing_changes_nothing(author: Actor) -> None:
    """All keys are optional, so none at all is fine."""
    before = shapes.user(author.current_user())

    after = shapes.user(author.update_user())

    assert after | {"token": ""} == before | {"token": ""}


@pytest.mark.parametrize("field", ["bio", "image"])
@pytest.mark.parametrize("nothing", ["", None], ids=["empty", "null"])
def test_an_emptied_bio_or_image_is_null_ever_after(author: Actor, field: str, nothing: str | None) -> None:
    """The empty string is stored and returned as null."""
    shapes.user(author.update_user(**{field: "something"}))

    updated = shapes.user(author.update_user(**{field: nothing}))

    assert updated[field] is None
    assert shapes.user(author.current_user())[field] is None


@pytest.mark.parametrize("field", ["username", "email", "password"])
@pytest.mark.parametrize("nothing", ["", None], ids=["empty", "null"])
def test_username_address_and_password_cannot_be_emptied(somebody: Actor, field: str, nothing: str | None) -> None:
    """What identifies a user must not go missing."""
    response = somebody.update_user(**{field: nothing})

    assert refusal(response).status == 422
    assert field in refusal(response).errors


@pytest.mark.parametrize("field", ["username", "email", "password"])
def test_an_empty_field_is_called_blank(somebody: Actor, field: str) -> None:
    """The update says it in the same words as the registration."""
    response = somebody.update_user(**{field: ""})

    assert refusal(response) == blank(field)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("password", "p" * 7, id="password of 7 characters"),
        pytest.param("password", "p" * 129, id="password of 129 characters"),
        pytest.param("username", 7, id="number for a username"),
        pytest.param("bio", ["a"], id="list for a bio"),
        pytest.param("image", 1.5, id="number for an image"),
        pytest.param("token", "mine", id="key nobody may set"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_by_name(somebody: Actor, field: str, value: JSON) -> None:
    """Wrong lengths, wrong types and unknown keys are 422, in the one error shape."""
    response = somebody.update_user(**{field: value})

    assert refusal(response).status == 422
    assert field in refusal(response).errors


@pytest.mark.parametrize("length", [8, 64, 128])
def test_a_new_password_of_reasonable_length_replaces_the_old_one(anyone: Conduit, author: Actor, length: int) -> None:
    """From 8 to 128 characters: the new password logs in, the old one no more."""
    shapes.user(author.update_user(password="n" * length))

    old = anyone.log_in({"email": author.email, "password": author.password})

    assert refusal(old) == BAD_CREDENTIALS
    shapes.user(anyone.log_in({"email": author.email, "password": "n" * length}))


@pytest.mark.parametrize("field", ["username", "email"])
def test_what_belongs_to_somebody_else_is_a_conflict_and_changes_nothing(
    author: Actor, reader: Actor, field: str
) -> None:
    """A duplicate on update is the same 409 as on registration."""
    response = author.update_user(bio="changed", **{field: getattr(reader, field)})

    assert refusal(response) == taken(field)
    assert shapes.user(author.current_user())["bio"] is None


def test_ones_own_name_and_address_may_be_sent_along(author: Actor) -> None:
    """A form that sends every field is no conflict with oneself."""
    response = author.update_user(username=author.username, email=author.email, bio="Me.")

    assert shapes.user(response)["bio"] == "Me."


def test_of_ten_users_racing_to_one_new_name_exactly_one_gets_it(http: httpx.Client) -> None:
    """The unique constraint decides: one 200, nine 409, and never a 500."""
    crowd = [join(http) for _ in range(10)]
    name = samples.unique("coveted")

    responses = all_at_once(10, lambda number: crowd[number].update_user(username=name))

    assert Counter(response.status_code for response in responses) == {200: 1, 409: 9}
    lost = [refusal(response) for response in responses if response.status_code == 409]
    assert lost == [taken("username")] * 9


def test_ones_own_name_is_not_taken_where_anothers_address_is(author: Actor, reader: Actor) -> None:
    """Of a form that sends every field, the conflict names only what is somebody else's."""
    response = author.update_user(username=author.username, email=reader.email)

    assert refusal(response) == taken("email")
