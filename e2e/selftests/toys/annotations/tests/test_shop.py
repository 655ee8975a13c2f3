"""The shop, asked."""


def test_asked(http):
    assert http.get("/asked").text.endswith("price")


def test_doubled(http):
    assert http.get("/doubled").text == "6"


def test_forked(http):
    assert http.get("/forked").text == "7"
