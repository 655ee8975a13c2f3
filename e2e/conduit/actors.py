"""People who act in a test: each a fresh user with a token; runs in the test process."""

import httpx

from e2e.conduit import samples
from e2e.conduit.client import JSON, Conduit, Fields


class Actor(Conduit):
    """A registered user; what an actor `wrote` or `said` succeeded and comes back as JSON."""

    def __init__(self, http: httpx.Client, user: Fields, password: str) -> None:
        super().__init__(http, user["token"])
        self.username: str = user["username"]
        self.email: str = user["email"]
        self.password = password

    def wrote(self, **fields: JSON) -> Fields:
        """Publish an article: a sample one, except for the given fields."""
        response = self.publish(samples.article(**fields))
        assert response.status_code == 201, response.text
        article: Fields = response.json()["article"]
        return article

    def said(self, slug: str, body: str) -> Fields:
        """Comment on an article."""
        response = self.comment(slug, body)
        assert response.status_code == 201, response.text
        comment: Fields = response.json()["comment"]
        return comment

    def follows(self, other: "Actor") -> None:
        """Follow another actor."""
        response = self.follow(other.username)
        assert response.status_code == 200, response.text

    def through(self, http: httpx.Client) -> "Actor":
        """The same user, calling through another client."""
        return Actor(http, {"token": self.token, "username": self.username, "email": self.email}, self.password)


def join(http: httpx.Client, **fields: JSON) -> Actor:
    """Register a user: a unique one, except for the given fields."""
    user = samples.user(**fields)
    response = Conduit(http).register(user)
    assert response.status_code == 201, response.text
    return Actor(http, response.json()["user"], user["password"])
