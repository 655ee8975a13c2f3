"""What a customer can ask."""

import httpx


def test_price(http: httpx.Client) -> None:
    """Two are cheaper than twice one."""
    assert http.get("/price", params={"pieces": 1}).json() == 7
    assert http.get("/price", params={"pieces": 2}).json() == 12


def test_hours(http: httpx.Client) -> None:
    """From nine to five."""
    assert http.get("/hours").json() == "9 to 17"
