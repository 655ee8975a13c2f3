"""The end-to-end test of the one module."""


def test_greeting(http):
    """It greets."""
    assert http.get("/").text == "hello"
