"""Refusals and the one shape they all have; runs in the test process."""

from typing import NamedTuple

import httpx


class Refusal(NamedTuple):
    """A status of 400 or more with `{"errors": {key: [message, ...]}}`."""

    status: int
    errors: dict[str, list[str]]


TOKEN_MISSING = Refusal(401, {"token": ["is missing"]})
BAD_CREDENTIALS = Refusal(401, {"credentials": ["invalid"]})


def blank(field: str) -> Refusal:
    """A field that must be filled in was not."""
    return Refusal(422, {field: ["can't be blank"]})


def taken(field: str) -> Refusal:
    """Somebody else has that username or address."""
    return Refusal(409, {field: ["has already been taken"]})


def not_found(what: str) -> Refusal:
    """There is no such article, comment or profile."""
    return Refusal(404, {what: ["not found"]})


def forbidden(what: str) -> Refusal:
    """It is somebody else's."""
    return Refusal(403, {what: ["forbidden"]})


def refusal(response: httpx.Response) -> Refusal:
    """The response as a refusal; fails if it is none, or not in the one shape."""
    assert response.status_code >= 400, f"{response.status_code} is no refusal: {response.text}"
    assert response.headers["content-type"].startswith("application/json"), response.headers
    body = response.json()
    assert body.keys() == {"errors"}, body
    errors = body["errors"]
    assert errors, body
    assert all(isinstance(key, str) for key in errors), body
    assert all(messages and isinstance(messages, list) for messages in errors.values()), body
    assert all(isinstance(text, str) for messages in errors.values() for text in messages), body
    return Refusal(response.status_code, errors)
