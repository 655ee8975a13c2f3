"""The shop's pages."""


def test_pages(http):
    assert http.get("/").text == "one item a list"
