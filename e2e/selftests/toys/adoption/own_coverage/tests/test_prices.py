"""Unit tests."""

from prices.main import prices


def test_a_price():
    assert prices("pear") == 7
