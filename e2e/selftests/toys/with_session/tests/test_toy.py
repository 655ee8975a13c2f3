"""Every operation of the application."""


def test_greenlet(http):
    assert http.get("/greenlet").text == "1"


def test_double(http):
    assert http.get("/greenlet?double=1").text == "2"


def test_thread(http):
    assert http.get("/thread").text == "from a thread"
