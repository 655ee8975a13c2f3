"""Calls two servers, one of them the run's, with every client while it serves a test; prints what both were sent."""

import asyncio
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import aiohttp
import httpx
import requests

from afterawait.agent import startup
from afterawait.agent.forwarding import addresses

heard = []
mine = {"baggage": "user=ada", "x-from": "me"}


class Ear(BaseHTTPRequestHandler):
    def do_GET(self):
        heard.append([self.server.name, self.path, self.headers.get_all("baggage") or [], self.headers["x-from"]])
        away = self.path.partition("/to/")[2]
        self.send_response(302 if away else 200)
        if away:
            self.send_header("Location", f"http://127.0.0.1:{away}/came-from-a-redirect")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        pass


def ear(name):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    server.name = name
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


async def with_async_clients(urls):
    async with httpx.AsyncClient(headers=mine, follow_redirects=True) as client:
        for url in urls("async httpx"):
            answer = await client.get(url)
            assert answer.request.headers["baggage"] == "user=ada"
    async with aiohttp.ClientSession(headers=mine) as session:
        for url in urls("aiohttp"):
            async with session.get(url) as answer:
                assert answer.request_info.headers.getall("baggage") == ["user=ada"]


def with_plain_clients(urls):
    with httpx.Client(headers=mine, follow_redirects=True) as client:
        for url in urls("httpx"):
            request = client.build_request("GET", url)
            assert client.send(request).request.headers["baggage"] == "user=ada"
            assert request.headers["baggage"] == "user=ada"
    with requests.Session() as session:
        session.headers.update(mine)
        for url in urls("requests"):
            assert session.get(url, timeout=10).request.headers["baggage"] == "user=ada"


def main():
    own, strange = ear("own"), ear("strange")
    addresses.note(startup.recorder.folder, own)

    def urls(name):
        name = name.replace(" ", "-")
        yield f"http://127.0.0.1:{own}/{name}"
        yield f"http://127.0.0.1:{strange}/{name}"
        yield f"http://127.0.0.1:{own}/{name}/to/{strange}"
        yield f"http://127.0.0.1:{strange}/{name}/to/{own}"

    if "nobody" not in sys.argv:
        startup.witness.enter("test_all[ä, b]")
    asyncio.run(with_async_clients(urls))
    with_plain_clients(urls)
    os.environ["HTTP_PROXY"] = os.environ["http_proxy"] = f"http://127.0.0.1:{strange}"
    for client in (httpx, requests):
        client.get(f"http://localhost:{own}/through-a-proxy", headers=mine)
    print(json.dumps(heard))


main()
