"""Ids of every kind."""

import pytest

LONGEST = 4096 - len("test.case.name=") - len("tests%2Ftest_ids.py%3A%3Atest_longest_id%5B%5D")


@pytest.mark.parametrize(
    "value", ["a/b", "a b", "ä", "日本/ é", "a@b", "a::b", "a[b]", "a%2Fb", "a,b=c;d", "a+b", "\n"]
)
def test_id(http, value):
    assert http.get("/test_id").text == "test_id"


def test_größe(http):
    assert http.get("/test_größe").text == "test_größe"


@pytest.mark.parametrize("value", [1], ids=["x" * LONGEST])
def test_longest_id(http, value):
    assert http.get("/test_longest_id").text == "test_longest_id"


@pytest.mark.parametrize("value", [1, 2], ids=["y" * (LONGEST + 1), "é" * 30_000])
def test_too_long_id(http, value):
    assert http.get("/too_long_id").text == "too_long_id"
