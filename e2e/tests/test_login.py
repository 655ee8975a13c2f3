"""POST /api/users/login; runs in the test process."""

import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor
from e2e.conduit.client import Conduit
from e2e.conduit.refusals import BAD_CREDENTIALS, blank, refusal


def test_logging_in_answers_the_user_with_a_token_that_works(anyone: Conduit, author: Actor) -> None:
    """E-mail and password are enough to act as oneself again."""
    response = anyone.log_in({"email": author.email, "password": author.password})

    token = shapes.user(response)["token"]
    assert shapes.user(Conduit(anyone.http, token).current_user())["username"] == author.username


@pytest.mark.parametrize("field", ["email", "password"])
def test_a_blank_field_is_refused_by_name(anyone: Conduit, field: str) -> None:
    """Nobody can log in with half of the credentials."""
    credentials = {"email": "someone@example.org", "password": samples.PASSWORD} | {field: ""}

    response = anyone.log_in(credentials)

    assert refusal(response) == blank(field)


@pytest.mark.parametrize("field", ["email", "password"])
def test_a_missing_field_is_refused_by_name(anyone: Conduit, field: str) -> None:
    """Leaving a field out is no better than leaving it blank."""
    credentials = {"email": "someone@example.org", "password": samples.PASSWORD}

    response = anyone.log_in(samples.without(credentials, field))

    assert refusal(response).status == 422
    assert field in refusal(response).errors


def test_unknown_address_and_wrong_password_get_the_same_answer(anyone: Conduit, somebody: Actor) -> None:
    """The answer does not tell who has an account here."""
    wrong = anyone.log_in({"email": somebody.email, "password": "not the password"})
    unknown = anyone.log_in({"email": samples.user()["email"], "password": somebody.password})

    assert refusal(wrong) == BAD_CREDENTIALS
    assert refusal(unknown) == BAD_CREDENTIALS
    assert wrong.headers.keys() == unknown.headers.keys()


def test_a_stale_token_does_not_keep_anybody_from_logging_in(anyone: Conduit, somebody: Actor) -> None:
    """Login asks for credentials alone; a browser that still sends an old token gets a new one."""
    stale = Conduit(anyone.http, "stale")

    response = stale.log_in({"email": somebody.email, "password": somebody.password})

    assert shapes.user(response)["username"] == somebody.username


def test_a_password_too_long_for_anybody_is_no_error_of_ours(anyone: Conduit, somebody: Actor) -> None:
    """What no user can have as a password is refused before it is hashed."""
    response = anyone.log_in({"email": somebody.email, "password": "p" * 100_000})

    assert refusal(response).status in {401, 422}
