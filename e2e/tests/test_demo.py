"""The demo data that an exploration may begin with; runs in the test process."""

import httpx

from e2e.conduit.client import Conduit
from e2e.conduit.demo import PEOPLE, TITLES, fill


def test_demo_data_can_be_looked_at(http: httpx.Client) -> None:
    """Everybody has written all titles, is followed, commented on and favoured by the others."""
    people = fill(http)

    for author in people:
        listed = Conduit(http).articles(author=author.username).json()
        assert listed["articlesCount"] == len(TITLES)
        assert {article["favoritesCount"] for article in listed["articles"]} == {len(PEOPLE) - 1}
    feed = people[0].feed().json()
    assert feed["articlesCount"] == len(TITLES) * (len(PEOPLE) - 1)
