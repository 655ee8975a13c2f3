"""The second test must not run where the first led to a stranger's database."""


def test_first(http):
    """Any answer will do."""
    assert http.get("/").status_code == 200


def test_second(http):
    """It is said that this one ran."""
    print("the second test ran")
    assert http.get("/").text in {"7", "nothing asked"}
