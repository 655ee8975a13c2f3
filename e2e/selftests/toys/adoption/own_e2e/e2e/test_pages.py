"""Unit tests."""


def test_a_page(browser):
    assert browser
