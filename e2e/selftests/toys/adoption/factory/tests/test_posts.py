"""Unit tests."""


def test_posts(client):
    assert client.get("/api/v1/posts").json() == [{"page": 1}]
