"""Orders, as a customer sees them."""

import time


def until_delivered(http, number, deadline=20):
    until = time.monotonic() + deadline
    while http.get(f"/delivered/{number}").json() is None:
        assert time.monotonic() < until, f"order {number} was not delivered"


def test_an_order_is_delivered(http):
    assert http.post("/orders/5").json() == {"left": 95}
    until_delivered(http, 5)


def test_another_one(http):
    assert http.post("/orders/6").json() == {"left": 94}
    until_delivered(http, 6)
