"""GET /api/tags; runs in the test process."""

from e2e.conduit import samples
from e2e.conduit.actors import Actor
from e2e.conduit.client import Conduit


def _tags(who: Conduit) -> list[str]:
    response = who.tags()
    assert response.status_code == 200
    assert response.json().keys() == {"tags"}
    tags: list[str] = response.json()["tags"]
    return tags


def test_every_tag_in_use_is_listed_once_and_by_name(anyone: Conduit, author: Actor) -> None:
    """However often and in whatever order tags are used."""
    stem = samples.unique("tag")
    author.wrote(tagList=[f"{stem}-b", f"{stem}-a"])
    author.wrote(tagList=[f"{stem}-c", f"{stem}-b"])

    tags = _tags(anyone)

    mine = [tag for tag in tags if tag.startswith(stem)]
    assert mine == [f"{stem}-a", f"{stem}-b", f"{stem}-c"]


def test_a_tag_nobody_uses_any_more_is_listed_no_more(anyone: Conduit, author: Actor) -> None:
    """Tags live as long as an article has them."""
    tag = samples.unique("tag")
    kept = author.wrote(tagList=[tag])["slug"]
    gone = author.wrote(tagList=[tag])["slug"]
    author.delete(gone)
    assert tag in _tags(anyone)

    author.edit(kept, tagList=[])

    assert tag not in _tags(anyone)
