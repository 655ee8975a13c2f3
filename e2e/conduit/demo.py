"""Something to click at: users who follow each other, articles, comments, favourites; a process of its own.

E2E_BASE_URL=http://127.0.0.1:8000 python -m e2e.conduit.demo
"""

import os

import httpx

from e2e.conduit import samples
from e2e.conduit.actors import join

PEOPLE = ("ada", "grace", "barbara")
TITLES = ("What happens at an await", "A greenlet is no coroutine", "Who ran this line?", "Killed, and nothing lost")


def fill(url: str) -> None:
    """Register three people who write, follow, comment and favour."""
    with httpx.Client(base_url=url, timeout=10) as http:
        people = [join(http, username=samples.unique(name)) for name in PEOPLE]
        for number, author in enumerate(people):
            for title in TITLES:
                article = author.wrote(title=f"{title} ({PEOPLE[number]})", tagList=["asyncio", PEOPLE[number]])
                for other in people:
                    if other is not author:
                        other.said(article["slug"], f"Well said, {PEOPLE[number]}.")
                        other.favorite(article["slug"])
                        other.follow(author.username)


if __name__ == "__main__":
    fill(os.environ["E2E_BASE_URL"])
