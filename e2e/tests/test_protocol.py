"""HTTP itself: unknown paths, wrong methods, HEAD, OPTIONS, odd requests; runs in the test process."""

import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor
from e2e.conduit.client import Conduit
from e2e.conduit.refusals import not_found, refusal
from e2e.conduit.wire import exchange


@pytest.mark.parametrize("path", ["/nothing", "/api", "/api/nothing", "/api/articles/a/b/c", "/api/user/x"])
def test_an_unknown_path_is_404_in_the_one_shape(anyone: Conduit, path: str) -> None:
    """Not only what is missing from the database is refused properly."""
    response = anyone.send("GET", path)

    assert refusal(response) == not_found("path")


@pytest.mark.parametrize(
    ("operation", "allowed"),
    [
        ("PATCH /api/user", {"GET", "PUT"}),
        ("GET /api/users", {"POST"}),
        ("GET /api/users/login", {"POST"}),
        ("POST /api/tags", {"GET"}),
        ("POST /", {"GET"}),
        ("PUT /api/articles/slug/favorite", {"POST", "DELETE"}),
        ("PATCH /api/articles/slug", {"GET", "PUT", "DELETE"}),
        ("PATCH /api/articles/feed", {"GET"}),
        ("DELETE /api/articles", {"GET", "POST"}),
        ("PATCH /api/articles/slug/comments", {"GET", "POST"}),
        ("GET /api/articles/slug/comments/1", {"DELETE"}),
        ("BREW /api/tags", {"GET"}),
    ],
)
def test_a_wrong_method_is_405_and_says_which_are_right(anyone: Conduit, operation: str, allowed: set[str]) -> None:
    """The one error shape, and every method that the path does have."""
    method, path = operation.split()

    response = anyone.send(method, path)

    assert refusal(response).status == 405
    head = {"HEAD"} if "GET" in allowed else set()
    assert {name.strip() for name in response.headers["allow"].split(",")} == allowed | head


@pytest.mark.parametrize("path", ["/", "/api/tags", "/api/articles", "/api/articles.atom"])
def test_head_is_get_without_a_body(anyone: Conduit, path: str) -> None:
    """Status and headers are GET's, and nothing follows."""
    response = anyone.send("HEAD", path)

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"] == anyone.send("GET", path).headers["content-type"]


def test_head_of_what_is_not_there_is_refused_without_a_body(anyone: Conduit) -> None:
    """HEAD tells the same status as GET would."""
    response = anyone.send("HEAD", f"/api/articles/{samples.unique('nothing')}")

    assert (response.status_code, response.content) == (404, b"")


def test_what_is_no_http_is_refused_and_the_next_request_is_served(anyone: Conduit) -> None:
    """A garbled request costs nobody else anything."""
    reply = exchange(anyone.http, b"\x16\x03\x01 hello")

    assert reply.status == 400
    assert anyone.home().status_code == 200


def test_a_request_of_http_1_0_is_answered(anyone: Conduit) -> None:
    """Old clients and load balancers are served too."""
    reply = exchange(anyone.http, b"GET / HTTP/1.0")

    assert (reply.status, reply.body) == (200, b'{"message":"OK"}')


def test_two_authorizations_are_no_authorization(author: Actor, reader: Actor) -> None:
    """Whoever claims to be two people is answered as one of them, or as nobody."""
    reply = exchange(
        author.http,
        b"GET /api/user HTTP/1.1",
        f"authorization: Token {author.token}".encode(),
        f"authorization: Token {reader.token}".encode(),
    )

    assert reply.status in {200, 401}


@pytest.mark.parametrize("query", ["tag=%ff", "tag=%ED%A0%80", "author=%00", "limit=%00", "tag=a&tag=b", "%00=1", "?"])
def test_an_odd_query_is_answered_without_an_error_of_ours(anyone: Conduit, query: str) -> None:
    """Bytes that are no UTF-8, NUL and repetition in a query are a client's mistake at most."""
    reply = exchange(anyone.http, f"GET /api/articles?{query} HTTP/1.1".encode())

    assert reply.status in {200, 422}


@pytest.mark.parametrize("path", ["/api/profiles/%00", "/api/profiles/%ff", "/api/articles/%ED%A0%80"])
def test_an_odd_path_is_not_found(anyone: Conduit, path: str) -> None:
    """Nobody and nothing has such a name."""
    response = anyone.send("GET", path)

    assert refusal(response).status == 404


def test_a_slash_too_many_is_not_found(somebody: Actor) -> None:
    """A path that nothing serves is 404, however near it is to another."""
    response = somebody.send("GET", "/api/user/")

    assert refusal(response) == not_found("path")
    assert shapes.user(somebody.current_user())["username"] == somebody.username
