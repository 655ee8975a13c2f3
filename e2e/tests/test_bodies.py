"""Bodies that are no good JSON, too large, or full of odd characters; runs in the test process."""

import json

import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor
from e2e.conduit.client import Conduit
from e2e.conduit.refusals import Refusal, refusal
from e2e.conduit.wire import announce, exchange

JSON_HEADER = {"Content-Type": "application/json"}
MIB = 2**20
REFUSED = {
    "nothing": b"",
    "no JSON": b"title=x",
    "cut in the middle": b'{"article": {"title": "x"',
    "more after the end": b"{}{}",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"article"',
    "no envelope": b"{}",
    "another envelope": b'{"user": {}}',
    "two envelopes": b'{"article": {"title": "t", "description": "d", "body": "b"}, "user": {}}',
    "null in the envelope": b'{"article": null}',
    "a list in the envelope": b'{"article": []}',
    "nested too deep": b'{"article": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "an integer of 5000 digits": b'{"article": ' + b"9" * 5000 + b"}",
    "a title that is no number": b'{"article": {"title": NaN, "description": "d", "body": "b"}}',
    "a title without end": b'{"article": {"title": Infinity, "description": "d", "body": "b"}}',
    "bytes that are no UTF-8": b'{"article": {"title": "\xff", "description": "d", "body": "b"}}',
    "a key with a lone surrogate": b'{"article": {"\\ud800": 1}}',
    "a key with NUL": b'{"article": {"\\u0000": 1}}',
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_a_body_that_cannot_be_understood_is_422(somebody: Actor, body: bytes) -> None:
    """Whatever is wrong with a body, the answer is a refusal in the one shape."""
    response = somebody.send("POST", "/api/articles", content=body, headers=JSON_HEADER)

    assert refusal(response).status == 422


@pytest.mark.parametrize("content_type", ["text/plain", "application/jsonp", "multipart/form-data", ""])
def test_a_body_that_is_not_said_to_be_json_is_415(somebody: Actor, content_type: str) -> None:
    """A page of another origin can post such bodies without asking, so they are not even read."""
    body = json.dumps({"article": samples.article()}).encode()

    response = somebody.send("POST", "/api/articles", content=body, headers={"Content-Type": content_type})

    assert refusal(response).status == 415


def test_a_body_that_says_nothing_of_itself_is_taken_for_json(author: Actor) -> None:
    """Many a client sends JSON without a Content-Type, and nothing else is understood here."""
    body = json.dumps({"article": samples.article()}).encode()

    response = author.send("POST", "/api/articles", content=body)

    assert "content-type" not in response.request.headers
    shapes.article(response, status=201)


def test_json_may_say_its_charset(author: Actor) -> None:
    """Parameters and case of the media type do not matter."""
    body = json.dumps({"article": samples.article()}).encode()

    response = author.send(
        "POST", "/api/articles", content=body, headers={"Content-Type": "Application/JSON; charset=utf-8"}
    )

    shapes.article(response, status=201)


@pytest.mark.parametrize("path", ["/api/users", "/api/users/login"])
def test_malformed_json_from_somebody_without_a_token_is_422(anyone: Conduit, path: str) -> None:
    """Where no token is needed, the body is all there is to refuse."""
    response = anyone.send("POST", path, content=b'{"user":', headers=JSON_HEADER)

    assert refusal(response).status == 422


def test_of_a_key_given_twice_the_last_counts(author: Actor) -> None:
    """Duplicate keys are read as JSON readers do, and break nothing."""
    body = b'{"article": {"title": "a", "title": "b", "description": "d", "body": "b"}}'

    response = author.send("POST", "/api/articles", content=body, headers=JSON_HEADER)

    assert shapes.article(response, status=201)["title"] == "b"


@pytest.mark.parametrize("odd", ["\0", "\ud800"], ids=["NUL", "lone surrogate"])
@pytest.mark.parametrize("field", ["title", "description", "body", "tagList"])
def test_characters_no_database_can_store_are_refused_by_name(somebody: Actor, field: str, odd: str) -> None:
    """NUL and lone surrogates in an article are 422 and never a 500."""
    text = f"before{odd}after"
    value = [text] if field == "tagList" else text

    response = somebody.publish(samples.article(**{field: value}))

    assert refusal(response).status == 422
    assert field in refusal(response).errors


@pytest.mark.parametrize("odd", ["\0", "\ud800"], ids=["NUL", "lone surrogate"])
@pytest.mark.parametrize("field", ["username", "email", "bio", "image"])
def test_such_characters_are_refused_in_a_user_too(somebody: Actor, field: str, odd: str) -> None:
    """NUL and lone surrogates in a user's fields are 422 and change nothing."""
    response = somebody.update_user(**{field: f"before{odd}after@example.org"})

    assert refusal(response).status == 422
    assert field in refusal(response).errors
    assert shapes.user(somebody.current_user())["username"] == somebody.username


@pytest.mark.parametrize("odd", ["\0", "\ud800"], ids=["NUL", "lone surrogate"])
def test_such_characters_are_refused_in_a_comment_too(author: Actor, odd: str) -> None:
    """NUL and lone surrogates in a comment are 422 and never a 500."""
    slug = author.wrote()["slug"]

    response = author.comment(slug, f"before{odd}after")

    assert refusal(response).status == 422
    assert "body" in refusal(response).errors


@pytest.mark.parametrize("odd", ["\0", "\ud800"], ids=["NUL", "lone surrogate"])
def test_such_characters_in_credentials_log_nobody_in(anyone: Conduit, somebody: Actor, odd: str) -> None:
    """Odd characters in an address or a password are refused like any wrong ones."""
    address = anyone.log_in({"email": odd + somebody.email, "password": somebody.password})
    password = anyone.log_in({"email": somebody.email, "password": somebody.password + odd})

    assert {refusal(address).status, refusal(password).status} <= {401, 422}


def _padded(size: int) -> bytes:
    """An article that is accepted, in a body of exactly that many bytes."""
    body = b'{"article": {"title": "Large", "description": "d", "body": "b"}}'
    return body + b" " * (size - len(body))


def test_a_json_body_of_one_mib_is_taken(author: Actor) -> None:
    """The limit is inclusive."""
    response = author.send("POST", "/api/articles", content=_padded(MIB), headers=JSON_HEADER)

    assert shapes.article(response, status=201)["title"] == "Large"


def test_a_json_body_over_one_mib_is_too_large(somebody: Actor) -> None:
    """One byte more is 413, which says what the limit is, and nothing is published."""
    response = somebody.send("POST", "/api/articles", content=_padded(MIB + 1), headers=JSON_HEADER)

    assert refusal(response) == Refusal(413, {"body": ["is too large (maximum is 1 MiB)"]})
    assert shapes.articles(somebody.articles(author=somebody.username)) == []


def test_a_body_in_chunks_is_read_like_any_other(author: Actor) -> None:
    """Without Content-Length, in several pieces, an article is published all the same."""
    chunks = (bytes([byte]) for byte in _padded(100))

    response = author.send("POST", "/api/articles", content=chunks, headers=JSON_HEADER)

    assert shapes.article(response, status=201)["title"] == "Large"


def test_a_body_in_chunks_is_too_large_as_soon_as_it_is(somebody: Actor) -> None:
    """Without Content-Length the limit holds as well."""
    chunks = (b" " * 65536 for _ in range(20))

    response = somebody.send("POST", "/api/articles", content=chunks, headers=JSON_HEADER)

    assert refusal(response).status == 413


def test_too_large_a_body_from_somebody_without_a_token_is_413(anyone: Conduit) -> None:
    """Where no token is needed, the limit is the first thing that counts."""
    response = anyone.send("POST", "/api/users", content=b" " * (MIB + 1), headers=JSON_HEADER)

    assert refusal(response).status == 413


def test_a_body_announced_too_large_is_refused_unread(somebody: Actor) -> None:
    """The announcement is enough: 413 comes before a single byte of the body."""
    reply = exchange(
        somebody.http,
        b"POST /api/articles HTTP/1.1",
        f"authorization: Token {somebody.token}".encode(),
        b"content-type: application/json",
        b"content-length: 1048577",
    )

    assert reply.status == 413


def test_a_client_that_leaves_in_mid_body_harms_nobody(somebody: Actor) -> None:
    """A body cut off by a hang-up publishes nothing, and the server goes on."""
    announce(
        somebody.http,
        b"POST /api/articles HTTP/1.1",
        f"authorization: Token {somebody.token}".encode(),
        b"content-type: application/json",
        b"content-length: 1000",
        body=b'{"article": {',
    )

    assert shapes.articles(somebody.articles(author=somebody.username)) == []
