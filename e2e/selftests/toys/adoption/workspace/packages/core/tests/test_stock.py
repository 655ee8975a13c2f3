"""Unit tests, with a package that is not installed here."""

import shop_core_fixtures


def test_stock():
    assert shop_core_fixtures.stock()
