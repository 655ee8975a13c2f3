"""Unit tests that another pytest runs."""


def test_nothing():
    assert True
