"""What takes a server of its own to see: its settings, and a database in trouble; runs in the test process."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
import pytest

from e2e.conduit import samples, shapes, tokens
from e2e.conduit.actors import Actor
from e2e.conduit.client import JSON, Conduit
from e2e.conduit.refusals import Refusal, refusal
from e2e.conduit.servers import Server, StartServer
from e2e.conduit.waiting import eventually
from e2e.tests.outside import Outsider, outsider

KEY = "a key that this module and its server share"
ORIGIN = "https://reader.example"
LIFETIME = 3600
BAD_TOKEN = Refusal(401, {"token": ["is invalid"]})


@pytest.fixture(scope="module")
def own_server(start_server_module: StartServer) -> Server:
    """A server with our key, tokens of an hour, and one foreign origin."""
    settings = {
        "CONDUIT_SECRET_KEY": KEY,
        "CONDUIT_TOKEN_LIFETIME": str(LIFETIME),
        "CONDUIT_CORS_ORIGINS": f"https://other.example, {ORIGIN}",
    }
    return start_server_module(env=settings)


@pytest.fixture
def http(http: httpx.Client, own_server: Server) -> httpx.Client:
    """The client of the other modules, aimed at that server."""
    http.base_url = httpx.URL(own_server.url)
    return http


def _cut_off[T](trouble: Outsider, table: str, request: Callable[[], T]) -> Future[T]:
    """Hold the table until the request waits for it in the database, and cut its connection there."""
    trouble.do("BEGIN")
    trouble.do(f"LOCK TABLE {table}")
    with ThreadPoolExecutor(1) as background:
        waiting = background.submit(request)
        eventually("the request to wait for the lock", lambda: trouble.terminate("wait_event_type = 'Lock'"))
    trouble.do("ROLLBACK")
    return waiting


def test_a_token_is_signed_with_the_servers_key_and_lasts_as_long_as_set(author: Actor) -> None:
    """The lifetime counts from the moment the token was given."""
    claims = tokens.claims(str(author.token))

    same = Conduit(author.http, tokens.signed(claims, KEY))

    assert shapes.user(same.current_user())["username"] == author.username
    assert LIFETIME - 60 < claims["exp"] - time.time() <= LIFETIME


def test_an_expired_token_is_refused_and_says_so(author: Actor) -> None:
    """A client that reads it may log in again without asking whether it was forged."""
    claims = tokens.claims(str(author.token))

    expired = Conduit(author.http, tokens.signed(claims | {"exp": int(time.time()) - 1}, KEY))

    assert refusal(expired.current_user()) == Refusal(401, {"token": ["has expired"]})


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param({"exp": "never"}, id="expiring at no time"),
        pytest.param({"sub": str(2**62)}, id="of nobody"),
        pytest.param({"sub": "0"}, id="of nobody ever"),
        pytest.param({"sub": "nobody"}, id="of no number"),
        pytest.param({"sub": None}, id="of null"),
        pytest.param({"sub": str(10**30)}, id="of too large a number"),
    ],
)
def test_a_token_that_says_nonsense_is_refused_however_well_signed(author: Actor, lie: dict[str, JSON]) -> None:
    """Tokens of users who do not exist, or without an end, are 401 like any bad one."""
    claims = tokens.claims(str(author.token))

    forged = Conduit(author.http, tokens.signed(claims | lie, KEY))

    assert refusal(forged.current_user()) == BAD_TOKEN


@pytest.mark.parametrize("claim", ["exp", "sub"])
def test_a_token_that_says_too_little_is_refused(author: Actor, claim: str) -> None:
    """A token without an end or an owner is no token."""
    claims = tokens.claims(str(author.token))

    forged = Conduit(author.http, tokens.signed(samples.without(claims, claim), KEY))

    assert refusal(forged.current_user()) == BAD_TOKEN


@pytest.mark.parametrize(("key", "algorithm"), [("another key" * 4, "HS256"), (KEY, "none"), (KEY, "HS512")])
def test_a_token_signed_otherwise_is_refused(author: Actor, key: str, algorithm: str) -> None:
    """Neither another key nor another algorithm will do."""
    claims = tokens.claims(str(author.token))

    forged = Conduit(author.http, tokens.signed(claims, key, algorithm))

    assert refusal(forged.current_user()) == BAD_TOKEN


def test_a_token_that_holds_no_claims_is_refused(anyone: Conduit) -> None:
    """A list is JSON too, but no set of claims."""
    forged = Conduit(anyone.http, tokens.signed(["exp", "sub"], KEY))

    assert refusal(forged.current_user()) == BAD_TOKEN


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_a_page_of_a_named_origin_may_call_the_api(anyone: Conduit, method: str) -> None:
    """The browser's question is answered with the origin, the methods and the headers it needs."""
    needed = "authorization, content-type, if-none-match, last-event-id"
    question = {"Origin": ORIGIN, "Access-Control-Request-Method": method}
    headers = {"Access-Control-Request-Headers": needed}

    preflight = anyone.send("OPTIONS", "/api/user", headers=question | headers)

    assert preflight.status_code in {200, 204}
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert method in preflight.headers["access-control-allow-methods"].split(", ")
    allowed = preflight.headers["access-control-allow-headers"].lower().split(", ")
    assert set(needed.split(", ")) <= set(allowed)
    assert preflight.headers["access-control-max-age"] == "3600"
    assert "access-control-allow-credentials" not in preflight.headers


@pytest.mark.parametrize("path", ["/", "/api/tags", "/api/user", "/api/nothing"])
def test_answers_and_refusals_alike_may_be_read_by_a_named_origin(anyone: Conduit, path: str) -> None:
    """Without the header on a refusal, a page could not even tell why."""
    response = anyone.send("GET", path, headers={"Origin": ORIGIN})

    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert response.headers["access-control-expose-headers"] == "ETag"


def test_a_page_of_another_origin_may_not_read_answers(anyone: Conduit) -> None:
    """Nobody else's origin is echoed, neither in the answer nor to the browser's question."""
    elsewhere = {"Origin": "https://elsewhere.example"}

    response = anyone.send("GET", "/api/tags", headers=elsewhere)
    preflight = anyone.send("OPTIONS", "/api/tags", headers=elsewhere | {"Access-Control-Request-Method": "GET"})

    assert "access-control-allow-origin" not in response.headers
    assert "access-control-allow-origin" not in preflight.headers


@pytest.mark.usefixtures("postgresql")
def test_a_query_that_the_database_cuts_off_is_503_and_the_next_one_succeeds(author: Actor, own_server: Server) -> None:
    """Losing the database in mid-request is said in the one shape, and is over when the database is back."""
    with outsider(own_server) as trouble:
        cut_off = _cut_off(trouble, "notifications", author.notifications).result()

    assert refusal(cut_off).status == 503
    assert cut_off.headers["retry-after"]
    assert shapes.notifications(author.notifications()) == []


@pytest.mark.usefixtures("postgresql")
def test_an_export_that_the_database_cuts_off_is_not_taken_for_whole(author: Actor, own_server: Server) -> None:
    """Where it is too late for a 503, the connection breaks off before the response's proper end."""
    with outsider(own_server) as trouble:
        cut_off = _cut_off(trouble, "articles", author.export)

    assert isinstance(cut_off.exception(), httpx.RemoteProtocolError)
    eventually("the log to say so", lambda: "Cut /api/user/export short" in own_server.log_text())


@pytest.mark.usefixtures("postgresql")
def test_an_error_of_ours_is_500_in_the_one_shape_and_in_the_log(author: Actor, own_server: Server) -> None:
    """A client is told that we failed and nothing else; the operator finds the traceback."""
    slug = author.wrote()["slug"]
    with outsider(own_server) as trouble:
        trouble.do("DROP TABLE comments")

    response = author.comments(slug)

    assert refusal(response).status == 500
    assert "comments" not in response.text
    eventually("the traceback in the log", lambda: "UndefinedTableError" in own_server.log_text())


def test_a_server_with_wrong_settings_does_not_start_and_names_them_all(start_server: StartServer) -> None:
    """One sentence in the log says which variables are wrong and why, without a password in it."""
    wrong = {"DATABASE_URL": "mysql://root:secret@localhost/conduit", "CONDUIT_SECRET_KEY": "short"}
    said = r"DATABASE_URL: (?!.*secret).+CONDUIT_SECRET_KEY: "

    with pytest.raises(Exception, match=f"Conduit cannot start, the environment is wrong: {said}"):
        start_server(env=wrong)
