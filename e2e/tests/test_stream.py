"""GET /api/articles/stream: an event per published article; runs in the test process."""

from contextlib import ExitStack

import httpx_sse
import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor
from e2e.conduit.client import Conduit
from e2e.conduit.refusals import refusal
from e2e.conduit.streams import listening

pytestmark = pytest.mark.usefixtures("postgresql")

HANG_UPS = 15
"""More than the pool of connections holds."""


def test_a_published_article_is_announced_as_lists_show_it(anyone: Conduit, author: Actor) -> None:
    """Whoever listens hears of the article at once, without its body."""
    with listening(anyone) as listener:
        published = author.wrote(tagList=["b", "a"], description="U+2028 \u2028 and U+0085 \x85")

        event = listener.next_by(author.username)

    assert event.kind == "article"
    assert shapes.misfits(event.article, shapes.LISTED_ARTICLE) == {}
    assert event.article == samples.without(published, "body")


def test_the_stream_is_understood_by_an_independent_reader(anyone: Conduit, author: Actor) -> None:
    """It is the WHATWG's event stream, not only what our own reader makes of it."""
    with listening(anyone) as listener:
        title = author.wrote()["title"]

        events = httpx_sse.EventSource(listener.response).iter_sse()

        [event] = [next(event for event in events if title in event.data)]
    assert event.event == "article"
    assert event.id.isdecimal()
    assert event.json()["article"]["title"] == title


def test_all_listeners_hear_the_same(anyone: Conduit, author: Actor, reader: Actor) -> None:
    """With and without a token, on whichever of the server's processes: everybody listening gets every event."""
    with ExitStack() as stack:
        listeners = [stack.enter_context(listening(who)) for who in (anyone, reader) * 4]
        slugs = [author.wrote()["slug"], author.wrote()["slug"]]

        heard = [[listener.next_by(author.username) for _ in slugs] for listener in listeners]

    assert heard == [heard[0]] * len(listeners)
    assert [event.article["slug"] for event in heard[0]] == slugs


def test_a_stream_resumes_where_it_was_cut(anyone: Conduit, author: Actor) -> None:
    """What came after the last event is replayed, then the stream is live: no loss, no duplicate."""
    with listening(anyone) as listener:
        author.wrote()
        last = listener.next_by(author.username)
    missed = [author.wrote()["slug"] for _ in range(3)]

    with listening(anyone, after=last.number) as resumed:
        live = author.wrote()["slug"]
        heard = [resumed.next_by(author.username) for _ in range(4)]

    assert [event.article["slug"] for event in heard] == [*missed, live]
    numbers = [last.number, *(event.number for event in heard)]
    assert numbers == sorted(set(numbers))


def test_nothing_is_lost_however_often_the_stream_is_cut(anyone: Conduit, author: Actor) -> None:
    """A listener that reconnects after every event hears all, each once and in order."""
    slugs = [author.wrote()["slug"]]
    heard = []
    with listening(anyone) as listener:
        slugs.append(author.wrote()["slug"])
        heard.append(listener.next_by(author.username))

    for _ in range(6):
        slugs.append(author.wrote()["slug"])
        with listening(anyone, after=heard[-1].number) as listener:
            heard.append(listener.next_by(author.username))

    assert [event.article["slug"] for event in heard] == slugs[1:]


def test_more_missed_than_a_page_holds_is_replayed_whole(anyone: Conduit, author: Actor) -> None:
    """An import of 101 articles while nobody listens is heard of in full."""
    with listening(anyone) as listener:
        author.wrote()
        last = listener.next_by(author.username)
    author.import_articles(samples.ndjson(*[samples.article_line() for _ in range(101)]))

    with listening(anyone, after=last.number) as resumed:
        heard = [resumed.next_by(author.username).number for _ in range(101)]

    assert heard == sorted(set(heard))


def test_imported_articles_are_announced_too(anyone: Conduit, author: Actor) -> None:
    """An import publishes; a row that was refused is not heard of."""
    good, bad = samples.article_line(), samples.article_line(title="")
    with listening(anyone) as listener:
        author.import_articles(samples.ndjson(bad, good))

        event = listener.next_by(author.username)

    assert event.article["title"] == good["article"]["title"]


def test_a_deleted_article_is_not_replayed(anyone: Conduit, author: Actor) -> None:
    """What is gone when the listener comes back is passed over."""
    with listening(anyone) as listener:
        author.wrote()
        last = listener.next_by(author.username)
    gone, kept = author.wrote()["slug"], author.wrote()["slug"]
    author.delete(gone)

    with listening(anyone, after=last.number) as resumed:
        event = resumed.next_by(author.username)

    assert event.article["slug"] == kept


@pytest.mark.parametrize("number", ["x", "-1", "1.5", "9" * 30])
def test_a_last_event_id_that_never_was_is_no_error_of_ours(anyone: Conduit, number: str) -> None:
    """What is no event's number is refused before the stream begins."""
    headers = {"Last-Event-ID": number}

    with anyone.streaming("GET", "/api/articles/stream", headers=headers) as response:
        response.read()

    assert refusal(response).status == 422


def test_listeners_that_hang_up_leave_nothing_open(anyone: Conduit, author: Actor) -> None:
    """After more listeners than there are connections, the next one hears as well."""
    for _ in range(HANG_UPS):
        with listening(anyone) as listener:
            assert listener.response.status_code == 200

    with listening(anyone) as listener:
        slug = author.wrote()["slug"]
        assert listener.next_by(author.username).article["slug"] == slug


def test_head_of_a_stream_that_never_ends_does_end(anyone: Conduit) -> None:
    """Whoever asks for the head alone gets it at once."""
    response = anyone.send("HEAD", "/api/articles/stream")

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["content-type"].startswith("text/event-stream")


def test_a_bad_token_is_refused_before_the_stream_begins(somebody: Actor) -> None:
    """A stream is a read for anybody, and a bad token is bad here too."""
    listener = Conduit(somebody.http, "abc")

    response = listener.send("GET", "/api/articles/stream")

    assert refusal(response).status == 401


def test_a_stream_is_seen_with_the_listeners_eyes_and_kept_by_nobody(
    anyone: Conduit, author: Actor, reader: Actor
) -> None:
    """`author.following` is relative to whoever listens; nothing on the way may keep the answer."""
    reader.follows(author)
    with listening(reader) as mine, listening(anyone) as theirs:
        author.wrote()

        events = [listener.next_by(author.username) for listener in (mine, theirs)]

    assert [event.article["author"]["following"] for event in events] == [True, False]
    assert mine.response.headers["cache-control"] == "no-cache"


def test_a_stream_begins_with_what_comes_unless_it_is_told_to_resume(anyone: Conduit, author: Actor) -> None:
    """What was published before one listens is in the lists; after event 0 comes all there is."""
    before = author.wrote()["slug"]
    with listening(anyone) as listener:
        slug = author.wrote()["slug"]

        assert listener.next_by(author.username).article["slug"] == slug
    with listening(anyone, after=0) as everything:
        assert everything.next_by(author.username).article["slug"] == before
