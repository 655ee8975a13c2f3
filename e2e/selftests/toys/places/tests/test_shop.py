"""The shop's one page."""

import pytest


@pytest.mark.parametrize("turn", [1, 2])
def test_price(http, turn):
    assert http.get("/").text == "3"
