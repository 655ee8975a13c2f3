"""Orders, as customers see them."""

import asyncio
import os
import time
from urllib.parse import quote

import httpx
import pytest


def until_delivered(http, number, deadline=20):
    until = time.monotonic() + deadline
    while http.get(f"/delivered/{number}").json() is None:
        assert time.monotonic() < until, f"order {number} was not delivered"


def test_an_order_is_delivered(http):
    assert http.post("/orders/0").json() == {"left": 100}
    until_delivered(http, 0)


def test_a_hundred_tests_at_once(http, base_url):
    if "AFTERAWAIT_RUN" not in os.environ:
        pytest.skip("nobody credits lines to tests")
    asyncio.run(all_at_once(base_url))
    for number in range(1, 101):
        until_delivered(http, number, deadline=40)


async def all_at_once(base_url):
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=base_url, timeout=60, limits=limits) as client, asyncio.TaskGroup() as group:
        for number in range(1, 101):
            group.create_task(buys(client, number))


async def buys(client, number):
    """A test of its own: it names itself in the header that docs/witness.md describes."""
    named = f"test.case.name={quote(f'order {number}')},afterawait.run={os.environ['AFTERAWAIT_KEY']}"
    answer = await client.post(f"/orders/{number}", headers={"baggage": named})
    assert answer.json() == {"left": 100 - number}
