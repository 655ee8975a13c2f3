"""The shop, asked."""


def test_sides(http):
    assert [http.get(f"/?{kind}").text for kind in ("bad", "b", "a")] == ["bad", "b", "A"]


def test_told(http):
    assert http.get("/told").text == "nothing"
