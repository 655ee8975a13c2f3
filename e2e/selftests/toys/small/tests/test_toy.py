"""Every operation of the application."""


def test_count(http):
    assert http.get("/count").text == "1"


def test_double(http):
    assert http.get("/count?double=1").text == "2"


def test_thread(http):
    assert http.get("/thread").text == "from a thread"
