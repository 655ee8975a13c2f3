"""Who may do what: missing, bad and lasting tokens; runs in the test process."""

import httpx
import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor
from e2e.conduit.client import Conduit
from e2e.conduit.refusals import TOKEN_MISSING, refusal

FOR_USERS_ONLY = [
    "GET /api/user",
    "PUT /api/user",
    "POST /api/profiles/nobody/follow",
    "DELETE /api/profiles/nobody/follow",
    "GET /api/articles/feed",
    "POST /api/articles",
    "PUT /api/articles/nothing",
    "DELETE /api/articles/nothing",
    "POST /api/articles/nothing/comments",
    "DELETE /api/articles/nothing/comments/99999",
    "POST /api/articles/nothing/favorite",
    "DELETE /api/articles/nothing/favorite",
    "GET /api/user/export",
    "POST /api/user/import",
    "GET /api/user/notifications",
]
WITH_A_BODY = [operation for operation in FOR_USERS_ONLY if operation.startswith("P")]
FOR_ANYBODY = ["/api/articles", "/api/articles/{slug}", "/api/articles/{slug}/comments"]
BAD = {
    "another scheme": "Bearer {token}",
    "no scheme": "{token}",
    "nothing after the scheme": "Token",
    "no JWT": "Token abc",
    "three parts of nothing": "Token a.b.c",
    "a signature changed": "Token {token}x",
    "signed by nobody": "Token eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiIxIn0.",
    "not ASCII": "Token é",
}


@pytest.mark.parametrize("operation", FOR_USERS_ONLY)
def test_without_a_token_the_answer_is_401_before_anything_else(anyone: Conduit, operation: str) -> None:
    """Authentication comes before existence: unknown slugs and users give 401, not 404."""
    method, path = operation.split()

    response = anyone.send(method, path)

    assert refusal(response) == TOKEN_MISSING


@pytest.mark.parametrize("operation", WITH_A_BODY)
@pytest.mark.parametrize(
    "body",
    [pytest.param(b'{"article": ', id="malformed"), pytest.param(b" " * 2**21, id="too large")],
)
def test_without_a_token_not_even_the_body_is_looked_at(anyone: Conduit, operation: str, body: bytes) -> None:
    """Authentication comes before malformed JSON and before oversized bodies."""
    method, path = operation.split()

    response = anyone.send(method, path, content=body, headers={"Content-Type": "application/json"})

    assert refusal(response) == TOKEN_MISSING


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_a_bad_token_is_refused_where_a_token_is_needed(somebody: Actor, bad: str) -> None:
    """A token that is malformed, forged or under another scheme is no token."""
    header = bad.format(token=somebody.token)

    response = somebody.http.get("/api/user", headers={b"Authorization": header.encode()})

    assert refusal(response).status == 401
    assert refusal(response).errors.keys() == {"token"}


@pytest.mark.parametrize("path", FOR_ANYBODY)
def test_a_bad_token_is_refused_where_none_is_needed(author: Actor, path: str) -> None:
    """Whoever sends a token means it: a bad one is not taken for none."""
    path = path.format(slug=author.wrote()["slug"])

    response = Conduit(author.http, "abc").send("GET", path)

    assert refusal(response).status == 401
    assert refusal(response).errors.keys() == {"token"}


def test_a_token_outlives_changes_of_name_address_and_password(author: Actor) -> None:
    """The token is the user's, not the name's: the old one and the new one both work."""
    new = samples.user(password="another password")

    changed = shapes.user(author.update_user(**new))

    assert shapes.user(author.current_user())["username"] == new["username"]
    fresh = Conduit(author.http, changed["token"])
    assert shapes.user(fresh.current_user())["username"] == new["username"]


def test_the_scheme_word_is_read_in_any_case(somebody: Actor) -> None:
    """HTTP's authentication schemes are case-insensitive."""
    header = {"Authorization": f"token {somebody.token}"}

    response = somebody.http.get("/api/user", headers=header)

    assert shapes.user(response)["username"] == somebody.username


def test_two_users_at_one_client_are_not_mixed_up(author: Actor, reader: Actor) -> None:
    """Nothing but the token says who is calling."""
    assert isinstance(author.http, httpx.Client)
    assert author.http is reader.http

    names = [shapes.user(who.current_user())["username"] for who in (author, reader, author)]

    assert names == [author.username, reader.username, author.username]


def test_every_401_says_how_to_authenticate(anyone: Conduit, somebody: Actor) -> None:
    """A missing token, a bad one and wrong credentials are each answered with HTTP's challenge, in our scheme."""
    answers = [
        anyone.current_user(),
        anyone.feed(),
        Conduit(anyone.http, "abc").current_user(),
        Conduit(anyone.http, "abc").articles(),
        anyone.log_in({"email": somebody.email, "password": "not the password"}),
    ]

    assert [answer.status_code for answer in answers] == [401] * 5
    assert [answer.headers["www-authenticate"] for answer in answers] == ["Token"] * 5
