"""What the Atom feed says of itself and of each article; runs in the test process."""

import xml.etree.ElementTree as ET
from datetime import datetime
from urllib.parse import quote

import httpx

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor
from e2e.conduit.client import Conduit, Fields
from e2e.conduit.refusals import refusal

ATOM = "{http://www.w3.org/2005/Atom}"


def _feed(response: httpx.Response) -> ET.Element:
    assert response.status_code == 200, response.text
    return ET.fromstring(response.content)  # noqa: S314 - our own server


def _entries(feed: ET.Element) -> list[ET.Element]:
    return feed.findall(f"{ATOM}entry")


def _links(node: ET.Element) -> list[dict[str, str]]:
    return [link.attrib for link in node.findall(f"{ATOM}link")]


def _time(node: ET.Element, name: str) -> datetime:
    return datetime.fromisoformat(node.findtext(f"{ATOM}{name}") or "")


def _moment(article: Fields, key: str) -> datetime:
    return datetime.fromisoformat(article[key])


def test_an_entry_says_all_that_a_reader_shows_of_an_article(anyone: Conduit, author: Actor) -> None:
    """Title, summary, author, both times, all tags, and where the article is."""
    tag = samples.unique("tag")
    slug = author.wrote(tagList=[tag, "b", "a"], description="In short.")["slug"]
    article = shapes.article(author.edit(slug, body="Edited."))

    [entry] = _entries(_feed(anyone.atom(tag=tag)))

    assert entry.findtext(f"{ATOM}title") == article["title"]
    assert entry.findtext(f"{ATOM}summary") == "In short."
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == author.username
    assert _time(entry, "published") == _moment(article, "createdAt")
    assert _time(entry, "updated") == _moment(article, "updatedAt") > _moment(article, "createdAt")
    assert [category.attrib for category in entry.findall(f"{ATOM}category")] == [
        {"term": term} for term in article["tagList"]
    ]
    assert _links(entry) == [{"rel": "alternate", "href": f"/api/articles/{slug}"}]
    assert shapes.article(anyone.send("GET", _links(entry)[0]["href"])) == article


def test_a_feed_says_what_it_is_of_where_it_is_and_when_it_changed_last(anyone: Conduit, author: Actor) -> None:
    """The title names the tag, the link leads back to the feed, and its time is that of the latest change."""
    tag = samples.unique("Ö & ?")
    old, _new = author.wrote(tagList=[tag])["slug"], author.wrote(tagList=[tag])
    latest = shapes.article(author.edit(old, body="Edited."))

    response = anyone.atom(tag=tag)

    feed = _feed(response)
    assert feed.findtext(f"{ATOM}title") == f"Conduit: {tag}"
    assert _links(feed) == [{"rel": "self", "href": f"/api/articles.atom?tag={quote(tag)}"}]
    assert anyone.send("GET", _links(feed)[0]["href"]).content == response.content
    assert _time(feed, "updated") == _moment(latest, "updatedAt")
    assert response.headers["cache-control"] == "no-cache"


def test_an_edit_does_not_bring_an_entry_forward(anyone: Conduit, author: Actor) -> None:
    """Entries are ordered by their publication, newest first."""
    tag = samples.unique("tag")
    old, new = author.wrote(tagList=[tag]), author.wrote(tagList=[tag])
    shapes.article(author.edit(old["slug"], body="Edited."))

    entries = _entries(_feed(anyone.atom(tag=tag)))

    assert [entry.findtext(f"{ATOM}title") for entry in entries] == [new["title"], old["title"]]


def test_the_feed_of_everything_has_a_name_and_an_address_of_its_own(anyone: Conduit) -> None:
    """It is another feed than any tag's, with another id."""
    feed, tagged = _feed(anyone.atom()), _feed(anyone.atom(tag=samples.unique("tag")))
    other = _feed(anyone.atom(tag=samples.unique("tag")))

    assert feed.findtext(f"{ATOM}title") == "Conduit"
    assert _links(feed) == [{"rel": "self", "href": "/api/articles.atom"}]
    ids = [each.findtext(f"{ATOM}id") or "" for each in (feed, tagged, other)]
    assert len(set(ids)) == 3
    assert all(text.startswith("urn:uuid:") for text in ids)


def test_an_entry_keeps_its_id_when_the_article_is_renamed(anyone: Conduit, author: Actor) -> None:
    """A reader knows the article again, under whatever title, slug and time of change."""
    tag = samples.unique("tag")
    slug = author.wrote(tagList=[tag])["slug"]
    [before] = _entries(_feed(anyone.atom(tag=tag)))

    renamed = shapes.article(author.edit(slug, title=samples.unique("Renamed")))

    [after] = _entries(_feed(anyone.atom(tag=tag)))
    assert after.findtext(f"{ATOM}title") == renamed["title"]
    assert after.findtext(f"{ATOM}id") == before.findtext(f"{ATOM}id")


def test_control_characters_in_a_tag_do_not_break_the_feed(anyone: Conduit, author: Actor) -> None:
    """What XML cannot write is replaced in a category too."""
    tag = samples.unique("tag")
    author.wrote(tagList=[tag, "bell \x07"])

    [entry] = _entries(_feed(anyone.atom(tag=tag)))

    assert "bell \N{REPLACEMENT CHARACTER}" in {node.attrib["term"] for node in entry.findall(f"{ATOM}category")}


def test_what_a_feed_cannot_be_asked_for_is_refused_by_name(anyone: Conduit) -> None:
    """A key that is not known would otherwise give the wrong feed in silence."""
    response = anyone.atom(author="me")

    assert refusal(response).status == 422
    assert set(refusal(response).errors["author"]) == {"is not a known key"}
