"""What arrives bit by bit: export's lines and the stream of articles; runs in the test process."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from typing import NamedTuple

import httpx

from e2e.conduit.client import JSON, Conduit, Fields

PATIENCE = 10.0
"""Seconds after which whatever a listener waits for has failed to come."""


class Event(NamedTuple):
    """One server-sent event; `number` is its id, by which a stream resumes."""

    number: int
    kind: str
    article: Fields


def documents(body: str) -> list[JSON]:
    """NDJSON: a document a line, and a line break after the last."""
    assert body.endswith("\n"), body[-100:]
    return [json.loads(line) for line in body.removesuffix("\n").split("\n")]


class Listener:
    """Reads an open event stream, whose lines end with LF alone."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = _lines(response)

    def blocks(self) -> Iterator[list[str]]:
        """Everything that is said until the stream ends: events, and comments such as heartbeats."""
        deadline = time.monotonic() + PATIENCE
        while said := list(takewhile(bool, self._lines)):
            assert time.monotonic() < deadline, f"after {PATIENCE} s there was still only {said}"
            yield said

    def events(self) -> Iterator[Event]:
        """The events among it."""
        for said in self.blocks():
            fields = dict(line.split(": ", 1) for line in said if not line.startswith(":"))
            if fields:
                article = json.loads(fields["data"])["article"]
                yield Event(int(fields["id"]), fields["event"], article)

    def next_by(self, username: str) -> Event:
        """The next article of that author; others may be publishing too."""
        return next(event for event in self.events() if event.article["author"]["username"] == username)


def _lines(response: httpx.Response) -> Iterator[str]:
    """Not `iter_lines`, which also breaks at U+2028 and U+0085, and these may stand in JSON."""
    rest = ""
    for text in response.iter_text():
        *lines, rest = (rest + text).split("\n")
        yield from lines


@contextmanager
def listening(who: Conduit, *, after: int | None = None) -> Iterator[Listener]:
    """Open the stream of articles, resuming after an event if given; leaving hangs up."""
    resume = {"Last-Event-ID": str(after)} if after is not None else {}
    headers = {"Accept": "text/event-stream"} | resume
    with who.streaming("GET", "/api/articles/stream", headers=headers) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Listener(response)
