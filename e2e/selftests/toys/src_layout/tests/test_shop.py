"""The end-to-end tests of the shop."""


def test_an_answer(http):
    """Any path."""
    assert http.get("/").text == "yes"


def test_a_secret(http):
    """The one path that is told apart."""
    assert http.get("/secret").text == "no"
