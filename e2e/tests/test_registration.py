"""POST /api/users; runs in the test process."""

from collections import Counter

import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor
from e2e.conduit.client import JSON, Conduit
from e2e.conduit.crowds import all_at_once
from e2e.conduit.refusals import Refusal, blank, refusal, taken


def test_registering_answers_201_with_the_user_and_a_token_that_works(anyone: Conduit) -> None:
    """A new user has neither bio nor image, and may act at once."""
    user = samples.user()

    registered = shapes.user(anyone.register(user), status=201)

    assert registered["username"] == user["username"]
    assert registered["email"] == user["email"]
    assert registered["bio"] is None
    assert registered["image"] is None
    again = shapes.user(Conduit(anyone.http, registered["token"]).current_user())
    assert again | {"token": ""} == registered | {"token": ""}


@pytest.mark.parametrize("field", ["username", "email", "password"])
def test_a_blank_field_is_refused_by_name(anyone: Conduit, field: str) -> None:
    """Every field of a registration must be filled in."""
    response = anyone.register(samples.user(**{field: ""}))

    assert refusal(response) == blank(field)


@pytest.mark.parametrize("field", ["username", "email", "password"])
def test_a_missing_field_is_refused_by_name(anyone: Conduit, field: str) -> None:
    """Leaving a field out is no better than leaving it blank."""
    response = anyone.register(samples.without(samples.user(), field))

    assert refusal(response).status == 422
    assert field in refusal(response).errors


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("username", None, id="null username"),
        pytest.param("username", 7, id="number for a username"),
        pytest.param("email", ["a@example.org"], id="list for an e-mail"),
        pytest.param("password", {"secret": "x"}, id="object for a password"),
        pytest.param("password", "p" * 129, id="password of 129 characters"),
        pytest.param("username", "a/b", id="slash in the username"),
        pytest.param("username", "..", id="username of dots"),
        pytest.param("username", "u" * 101, id="username of 101 characters"),
        pytest.param("email", "a@example.org\nb", id="line break in the e-mail"),
        pytest.param("email", "example.org", id="e-mail without an at sign"),
        pytest.param("email", "a@b@example.org", id="e-mail with two"),
        pytest.param("email", "@example.org", id="e-mail of nobody"),
        pytest.param("email", "a@", id="e-mail of nowhere"),
        pytest.param("email", "a@" + "b" * 253, id="e-mail of 255 characters"),
        pytest.param("admin", True, id="key nobody knows"),
    ],
)
def test_a_field_that_does_not_fit_is_refused_by_name(anyone: Conduit, field: str, value: JSON) -> None:
    """Wrong types, too long a password and unknown keys are 422, in the one error shape."""
    response = anyone.register(samples.user(**{field: value}))

    assert refusal(response).status == 422
    assert field in refusal(response).errors


@pytest.mark.parametrize("password", ["x", "p" * 128], ids=["1 character", "128 characters"])
def test_any_password_up_to_128_characters_registers_and_logs_in(anyone: Conduit, password: str) -> None:
    """Registration asks only that the password is not blank and not endless."""
    user = samples.user(password=password)

    shapes.user(anyone.register(user), status=201)

    shapes.user(anyone.log_in({"email": user["email"], "password": password}))


@pytest.mark.parametrize("field", ["username", "email"])
def test_a_name_or_address_in_use_is_a_conflict(anyone: Conduit, somebody: Actor, field: str) -> None:
    """Username and e-mail each belong to one user only."""
    response = anyone.register(samples.user(**{field: getattr(somebody, field)}))

    assert refusal(response) == taken(field)


def test_a_registration_that_is_taken_altogether_hears_of_both(anyone: Conduit, somebody: Actor) -> None:
    """Username and address in use, by one user or by two, are named together."""
    response = anyone.register(samples.user(username=somebody.username, email=somebody.email))

    assert refusal(response) == Refusal(409, taken("username").errors | taken("email").errors)


def test_of_twenty_racing_for_one_username_exactly_one_gets_it(anyone: Conduit) -> None:
    """The database's unique constraint decides the race; the losers get 409, nobody a 500."""
    username = samples.unique("racer")

    responses = all_at_once(20, lambda _: anyone.register(samples.user(username=username)))

    assert Counter(response.status_code for response in responses) == {201: 1, 409: 19}
    lost = [refusal(response) for response in responses if response.status_code == 409]
    assert lost == [taken("username")] * 19


def test_of_twenty_racing_for_one_address_exactly_one_gets_it(anyone: Conduit) -> None:
    """The same for the e-mail address, whose constraint is another one."""
    email = samples.unique("racer") + "@example.org"

    responses = all_at_once(20, lambda _: anyone.register(samples.user(email=email)))

    assert Counter(response.status_code for response in responses) == {201: 1, 409: 19}
    lost = [refusal(response) for response in responses if response.status_code == 409]
    assert lost == [taken("email")] * 19


def test_a_refused_registration_leaves_nothing_behind(anyone: Conduit, somebody: Actor) -> None:
    """After a conflict over the address, the username is still free."""
    user = samples.user(email=somebody.email)
    assert refusal(anyone.register(user)) == taken("email")

    response = anyone.register(samples.user(username=user["username"]))

    assert shapes.user(response, status=201)["username"] == user["username"]


@pytest.mark.parametrize("username", ["Zoë Ångström", "日本語の名前", "🦉", "a?b#c%2e&d"])
def test_a_username_in_any_script_is_kept_to_the_letter(anyone: Conduit, username: str) -> None:
    """Names are text, not identifiers: what was sent comes back."""
    name = samples.unique(username)

    registered = shapes.user(anyone.register(samples.user(username=name)), status=201)

    assert registered["username"] == name


def test_nul_in_a_username_is_refused_or_stored_but_never_an_error_of_ours(
    anyone: Conduit,
) -> None:
    """PostgreSQL cannot store NUL in text, which must not surface as a 500."""
    name = samples.unique("nul\0")

    response = anyone.register(samples.user(username=name))

    assert refusal(response) == Refusal(422, refusal(response).errors)
    assert "username" in refusal(response).errors
