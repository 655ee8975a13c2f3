"""Clients without an event loop."""

import urllib.request

import requests
from websockets.sync.client import connect


def test_session_first(session, base_url):
    assert session.get(f"{base_url}/test_session_first").text == "test_session_first"


def test_session_second(session, base_url):
    assert session.get(f"{base_url}/test_session_second").text == "test_session_second"


def test_single_request(identify, base_url):
    url = f"{base_url}/test_single_request"
    assert requests.get(url, headers=identify(), timeout=10).text == "test_single_request"


def test_hook_first(hooked):
    assert hooked.get("/test_hook_first").text == "test_hook_first"


def test_hook_second(hooked):
    assert hooked.get("/test_hook_second").text == "test_hook_second"


def test_shared_first(shared):
    assert shared.get("/test_shared_first").text == "test_shared_first"


def test_shared_second(shared):
    assert shared.get("/test_shared_second", headers={"baggage": "user=1"}).text == "test_shared_second"


def test_urllib(identify, base_url):
    request = urllib.request.Request(f"{base_url}/test_urllib")
    identify(request)
    with urllib.request.urlopen(request) as response:
        assert response.read() == b"test_urllib"


def test_websocket(identify, base_url):
    with connect(f"{base_url.replace('http', 'ws')}/test_websocket", additional_headers=identify()) as socket:
        assert socket.recv() == "test_websocket"
