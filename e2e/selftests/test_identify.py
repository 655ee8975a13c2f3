"""`identify` on its own: headers of every kind, others' baggage, and what it does not know. Test process."""

from __future__ import annotations

import asyncio
import http.client
import os
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

import httpx
import pytest
import requests
import urllib3
from multidict import CIMultiDict
from requests.structures import CaseInsensitiveDict
from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.uri import parse_uri

from afterawait import protocol
from afterawait.agent.witness import baggage
from afterawait.plugin import test_id
from afterawait.plugin.identify import Identify
from afterawait.plugin.test_id import running

KEY = "9f86d081884c7d65"


@pytest.fixture
def identify(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Identify]:
    """What a test of a user's gets, while this one runs."""
    monkeypatch.setenv(protocol.KEY, KEY)
    made = Identify(None)
    running.begin(request.node)
    yield made
    running.end()
    running.followers.clear()


@pytest.fixture
def own(request: pytest.FixtureRequest) -> str:
    """The header of this test."""
    return baggage.header(request.node.nodeid, KEY)


@pytest.mark.parametrize("kind", [dict, CIMultiDict, httpx.Headers, Headers, CaseInsensitiveDict], ids=str)
def test_headers_of_every_library_name_the_test(
    identify: Identify, own: str, kind: Callable[[dict[str, str]], MutableMapping[str, str]]
) -> None:
    """What is in them already stays, baggage of the application's included; an earlier test's name does not."""
    others = f"user=1;since=2,test.case.name=earlier,afterawait.run={KEY}, lane = fast"
    headers = kind({"Baggage": others, "Accept": "text/plain"})

    identify(headers)
    identify(headers)

    found = {name.lower(): value for name, value in headers.items()}
    assert found == {"baggage": f"user=1;since=2,lane = fast,{own}", "accept": "text/plain"}


def test_without_a_client_it_returns_headers(identify: Identify, own: str) -> None:
    """New ones each time, for one request."""
    assert identify() == {"baggage": own}
    assert identify() is not identify()


def test_between_two_tests_a_request_is_nobodys(identify: Identify, own: str) -> None:
    """Also of a client that an earlier test has named."""
    headers = identify()
    assert headers["baggage"] == own

    running.end()
    identify(headers)

    assert not headers
    assert not identify()


def test_it_may_be_awaited_or_not(identify: Identify, own: str) -> None:
    """As a hook of either client of httpx."""
    request = httpx.Request("GET", "http://127.0.0.1/")

    async def awaiting() -> None:
        await identify(request)

    identify(request)
    asyncio.run(awaiting())

    assert request.headers["baggage"] == own


def test_a_session_that_is_identified_again_is_as_before(identify: Identify) -> None:
    """Each test may do it, for a client that it shares with others."""
    session = requests.Session()
    identify(session)
    send = session.send

    identify(session)

    assert session.send is send


@pytest.mark.parametrize(
    ("client", "says"),
    [
        pytest.param(object, "builtins.object. It knows httpx, requests, aiohttp, Playwright", id="object"),
        pytest.param(urllib3.PoolManager, "urllib3.poolmanager.PoolManager", id="urllib3"),
        pytest.param(
            lambda: http.client.HTTPConnection("127.0.0.1"), "`client.get(url, headers=identify())`", id="http"
        ),
        pytest.param(lambda: "http://127.0.0.1", "builtins.str", id="a URL"),
        pytest.param(
            lambda: ClientProtocol(parse_uri("ws://127.0.0.1")),
            "`connect(url, additional_headers=identify())`",
            id="ws",
        ),
    ],
)
def test_what_it_does_not_know_it_says_how_to_do_by_hand(
    identify: Identify, client: Callable[[], Any], says: str
) -> None:
    """A client that it left as it is would run lines for nobody, and nobody would hear of it."""
    with pytest.raises(TypeError) as raised:
        identify(client())

    assert says in str(raised.value)
    assert os.linesep in str(raised.value)


class Sent(pytest.Function):
    """A test as pytest-xdist has it in a worker; it can't change the ids of pytest 9.2 any more."""

    @property
    def nodeid(self) -> str:
        """With the names of its groups."""
        return f"{super().nodeid}@an/other:b]_default"


def test_a_tests_name_is_without_the_groups_of_xdist(request: pytest.FixtureRequest) -> None:
    """Whatever they are called, and where the id has them."""
    sent, plain = (
        kind.from_parent(request.node.parent, name="x", callobj=running.end) for kind in (Sent, pytest.Function)
    )
    for each in (sent, plain):
        each.add_marker(pytest.mark.xdist_group)
        each.add_marker(pytest.mark.xdist_group(name="an/other:b]"))

    assert test_id.name(sent) == test_id.name(plain) == plain.nodeid
