"""The end-to-end tests of the guest book; each has a guest of its own."""

import uuid


def test_whoever_writes_is_in_it(http):
    guest = uuid.uuid4().hex
    assert http.post(f"/{guest}").status_code == 201
    assert http.get(f"/{guest}").text == "1"


def test_nobody_else_is(http):
    assert http.get(f"/{uuid.uuid4().hex}").text == "0"


def test_its_version(http):
    assert http.get("/version").text == "1.0"
