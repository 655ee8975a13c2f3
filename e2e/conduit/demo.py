"""Something to click at: users who follow each other, articles, comments, favourites; see scripts/lib/demo.py."""

import httpx

from e2e.conduit import samples
from e2e.conduit.actors import Actor, join

PEOPLE = ("ada", "grace", "barbara")
TITLES = ("What happens at an await", "A greenlet is no coroutine", "Who ran this line?", "Killed, and nothing lost")


def fill(http: httpx.Client) -> list[Actor]:
    """Register three people who write, follow, comment and favour; returns them."""
    people = [join(http, username=samples.unique(name)) for name in PEOPLE]
    for author, name in zip(people, PEOPLE, strict=True):
        others = [each for each in people if each is not author]
        for title in TITLES:
            slug = author.wrote(title=f"{title} ({name})", tagList=["asyncio", name])["slug"]
            for other in others:
                other.said(slug, f"Well said, {name}.")
                other.favorite(slug)
        for other in others:
            other.follows(author)
    return people
