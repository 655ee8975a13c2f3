"""What a shop sells."""


def test_the_application_is_its_own(http):
    assert http.get("/mine").json() == {"mine": True, "type": "FastAPI"}


def test_plain(http):
    assert http.get("/plain").json() == "from a thread"


def test_sell(http):
    assert http.post("/sales/tea").json() == "tea"
