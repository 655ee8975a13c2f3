"""A database that cannot be reached, or refuses what was written; runs in the test process."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from e2e.conduit import shapes
from e2e.conduit.actors import Actor
from e2e.conduit.client import Conduit
from e2e.conduit.refusals import Refusal, refusal
from e2e.conduit.servers import Server, StartServer
from e2e.conduit.streams import listening
from e2e.conduit.waiting import eventually
from e2e.tests.outside import outsider

pytestmark = pytest.mark.usefixtures("postgresql")

BESIDE_THE_LISTENER = """
    SELECT pid FROM pg_stat_activity WHERE datname = current_database()
    AND pid <> pg_backend_pid() AND query NOT ILIKE '%LISTEN%'
"""
AWAY = Refusal(503, {"database": ["cannot be reached"]})


@pytest.fixture(scope="module")
def own_server(start_server_module: StartServer) -> Server:
    """A server with one connection for requests, beside the one that listens."""
    return start_server_module(env={"CONDUIT_POOL_SIZE": "1"})


@pytest.fixture
def http(http: httpx.Client, own_server: Server) -> httpx.Client:
    """The client of the other modules, aimed at that server."""
    http.base_url = httpx.URL(own_server.url)
    return http


@contextmanager
def _away(server: Server) -> Iterator[None]:
    """Nobody gets into the server's database, and whoever was in is out."""
    with outsider(server) as inside:
        [name] = inside.do("SELECT current_database()")
    with outsider(server, database="postgres") as trouble:
        try:
            trouble.do(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            trouble.do(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608
            yield
        finally:
            trouble.do(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_home_is_not_ok_while_the_database_is_away(anyone: Conduit, own_server: Server) -> None:
    """A load balancer hears of it every time it asks, and again when all is well."""
    assert anyone.home().status_code == 200

    with _away(own_server):
        answers = [anyone.home() for _ in range(3)]

    assert [refusal(answer) for answer in answers] == [AWAY] * 3
    assert [answer.headers["retry-after"] for answer in answers] == ["1"] * 3
    eventually("home to be OK again", lambda: anyone.home().status_code == 200)
    assert "The database cannot be reached: " in own_server.log_text()


def test_articles_are_announced_again_after_the_database_was_away(author: Actor, own_server: Server) -> None:
    """A stream that is open hears what is published while nobody listens: it need not wait for the next article."""
    with listening(author) as listener:
        with outsider(own_server) as trouble:
            eventually("somebody to listen", lambda: trouble.terminate("query ILIKE '%LISTEN%'"))

        slug = author.wrote()["slug"]

        assert listener.next_by(author.username).article["slug"] == slug
    eventually("the log to say so", lambda: "Not listening for articles: " in own_server.log_text())


def test_the_one_who_listens_for_articles_takes_no_connection_from_requests(author: Actor, own_server: Server) -> None:
    """With a pool of one connection every request is served, one after the other, and no second one is opened."""
    assert shapes.user(author.current_user())["username"] == author.username

    with outsider(own_server) as trouble:
        eventually("one connection beside the listener's", lambda: len(trouble.do(BESIDE_THE_LISTENER)) == 1)


def test_what_fails_when_it_is_committed_is_not_answered_as_done(author: Actor, own_server: Server) -> None:
    """The answer waits for the end of the transaction; the log does not tell what the user wrote."""
    slug = author.wrote()["slug"]
    with outsider(own_server) as trouble:  # its last word is a 500, after which uvicorn hangs up
        trouble.do("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'too late'; END $$")
        trouble.do("""
            CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON comments DEFERRABLE INITIALLY DEFERRED
            FOR EACH ROW EXECUTE FUNCTION refuse()
        """)
        late = author.comment(slug, "Refused at the commit.")
        trouble.do("DROP TRIGGER refuse ON comments")
        kept = shapes.comments(author.comments(slug))
        trouble.do("ALTER TABLE comments ADD CONSTRAINT nothing CHECK (false)")
        at_once = author.comment(slug, "Refused at once.")

    assert late.status_code >= 500
    assert refusal(at_once).status == 500
    assert kept == []
    eventually("the traceback in the log", lambda: "CheckViolationError" in own_server.log_text())
    said = [line for line in own_server.log_text().splitlines() if "SQL parameters" in line or "[parameters" in line]
    assert said
    assert all("hidden" in line for line in said)
