"""What the service answers."""


def test_greeting(http, server):
    """It is what the settings say, and there is no database."""
    assert http.get("/").text == "hello"
    assert server.database_url == ""
