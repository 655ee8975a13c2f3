"""What a shop sells."""

import os
import socket

opened = []


def test_the_application_is_its_own(http):
    assert http.get("/mine").json() == {"mine": True, "type": "FastAPI"}


def test_plain(http):
    assert http.get("/plain").json() == "from a thread"


def test_sell(http):
    assert http.post("/sales/tea").json() == "tea"


def test_a_request_may_stay_open(server):
    if "STAYS_OPEN" in os.environ:
        opened.append(socket.create_connection(("127.0.0.1", server.port)))
        opened[0].sendall(b"GET /open HTTP/1.1\r\nHost: shop\r\n\r\n")
        assert opened[0].recv(12) == b"HTTP/1.1 200"
