"""The shapes of good answers, exact to the key; runs in the test process."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx

from e2e.conduit.client import Fields

Fits = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _text_or_null(value: Any) -> bool:
    return value is None or _text(value)


def _whole(value: Any) -> bool:
    return type(value) is int and value >= 0


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _moment(value: Any) -> bool:
    """ISO 8601 in UTC, with the date, the `T` and the seconds that the specification wants."""
    return value[10] == "T" and datetime.fromisoformat(value).utcoffset() == timedelta()


def _profile(value: Any) -> bool:
    return not misfits(value, PROFILE)


USER: dict[str, Fits] = {
    "email": _text,
    "token": _text,
    "username": _text,
    "bio": _text_or_null,
    "image": _text_or_null,
}
PROFILE: dict[str, Fits] = {
    "username": _text,
    "bio": _text_or_null,
    "image": _text_or_null,
    "following": _flag,
}
LISTED_ARTICLE: dict[str, Fits] = {
    "slug": _text,
    "title": _text,
    "description": _text,
    "tagList": _texts,
    "createdAt": _moment,
    "updatedAt": _moment,
    "favorited": _flag,
    "favoritesCount": _whole,
    "author": _profile,
}
ARTICLE: dict[str, Fits] = LISTED_ARTICLE | {"body": _text}
COMMENT: dict[str, Fits] = {
    "id": _whole,
    "createdAt": _moment,
    "updatedAt": _moment,
    "body": _text,
    "author": _profile,
}
NOTIFICATION: dict[str, Fits] = {
    "id": _whole,
    "kind": _text,
    "article": _text,
    "author": _text,
    "createdAt": _moment,
}


def misfits(value: Any, shape: dict[str, Fits]) -> dict[str, Any]:
    """All that is wrong with an object: keys too many or too few, and values that do not fit."""
    odd = {key: "missing" if key in shape else "not asked for" for key in value.keys() ^ shape}
    return odd | {k: value[k] for k, fits in shape.items() if k in value and not fits(value[k])}


def one(response: httpx.Response, envelope: str, shape: dict[str, Fits], status: int) -> Fields:
    """The object in a good answer's envelope; fails unless status and shape are as specified."""
    assert response.status_code == status, f"{response.status_code}: {response.text}"
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    body = response.json()
    assert body.keys() == {envelope}, body
    assert not misfits(body[envelope], shape), (misfits(body[envelope], shape), body)
    found: Fields = body[envelope]
    return found


def many(response: httpx.Response, envelope: str, shape: dict[str, Fits], *, count: str | None = None) -> list[Fields]:
    """The objects in a good answer's list, counted under `count` if the specification says so."""
    assert response.status_code == 200, f"{response.status_code}: {response.text}"
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    body = response.json()
    assert body.keys() == ({envelope, count} if count else {envelope}), body
    assert not [item for item in body[envelope] if misfits(item, shape)], body
    found: list[Fields] = body[envelope]
    return found


def user(response: httpx.Response, status: int = 200) -> Fields:
    """Oneself, with a token."""
    return one(response, "user", USER, status)


def profile(response: httpx.Response) -> Fields:
    """A user as others see them."""
    return one(response, "profile", PROFILE, 200)


def article(response: httpx.Response, status: int = 200) -> Fields:
    """One article, whole."""
    return one(response, "article", ARTICLE, status)


def comment(response: httpx.Response) -> Fields:
    """The comment just made."""
    return one(response, "comment", COMMENT, 201)


def articles(response: httpx.Response) -> list[Fields]:
    """A page of articles, without their bodies."""
    return many(response, "articles", LISTED_ARTICLE, count="articlesCount")


def comments(response: httpx.Response) -> list[Fields]:
    """An article's comments."""
    return many(response, "comments", COMMENT)


def notifications(response: httpx.Response) -> list[Fields]:
    """A page of notifications."""
    return many(response, "notifications", NOTIFICATION, count="notificationsCount")
