"""The end-to-end test of the service."""


def test_greeting(http):
    """It greets."""
    assert http.get("/").text == "hello"
