"""Requests byte by byte, for what no HTTP client would send; runs in the test process."""

import socket
from http.client import HTTPResponse
from typing import NamedTuple

import httpx


class Reply(NamedTuple):
    """What came back over the socket."""

    status: int
    body: bytes


def announce(http: httpx.Client, start: bytes, *headers: bytes, body: bytes = b"") -> None:
    """Send a request exactly as given, and hang up without waiting for the answer."""
    with _sent(http, start, *headers, body=body):
        pass


def exchange(http: httpx.Client, start: bytes, *headers: bytes, body: bytes = b"") -> Reply:
    """Send a request exactly as given, and read the answer."""
    with _sent(http, start, *headers, body=body) as connection:
        response = HTTPResponse(connection)
        response.begin()
        return Reply(response.status, response.read())


def _sent(http: httpx.Client, start: bytes, *headers: bytes, body: bytes) -> socket.socket:
    """A connection on which the request has been sent, the client's own headers included."""
    own = [f"{name}: {value}".encode() for name, value in http.headers.items()]
    head = b"\r\n".join([start, b"host: conduit", *own, *headers, b"", b""])
    connection = socket.create_connection((http.base_url.host, http.base_url.port or 80), timeout=10)
    connection.sendall(head + body)
    return connection
