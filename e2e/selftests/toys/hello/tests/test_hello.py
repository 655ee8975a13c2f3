"""The project's own tests."""

import httpx


def test_it_answers(http: httpx.Client) -> None:
    """With a status that says so."""
    assert http.get("/").status_code == 200


def test_it_has_a_pid(http: httpx.Client) -> None:
    """As every process has."""
    assert http.get("/").json()["pid"] > 0
