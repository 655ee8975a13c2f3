"""GET /api/articles.atom; runs in the test process."""

import xml.etree.ElementTree as ET

import httpx
import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor
from e2e.conduit.client import Conduit

ATOM = "{http://www.w3.org/2005/Atom}"
UPDATED = {"updated": shapes.ARTICLE["updatedAt"]}


def _feed(response: httpx.Response) -> ET.Element:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/atom+xml")
    feed = ET.fromstring(response.content)  # noqa: S314 - our own server
    assert feed.tag == f"{ATOM}feed"
    return feed


def _titles(feed: ET.Element) -> list[str | None]:
    return [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")]


def test_the_feed_of_a_tag_holds_its_articles_newest_first(anyone: Conduit, author: Actor) -> None:
    """Every element that RFC 4287 demands is there, and ids are unique."""
    tag = samples.unique("tag")
    articles = [author.wrote(tagList=[tag]), author.wrote(tagList=[tag])]
    author.wrote()

    feed = _feed(anyone.atom(tag=tag))

    assert _titles(feed) == [article["title"] for article in articles[::-1]]
    for node in (feed, *feed.findall(f"{ATOM}entry")):
        assert node.findtext(f"{ATOM}id")
        assert node.findtext(f"{ATOM}title")
        assert shapes.misfits({"updated": node.findtext(f"{ATOM}updated")}, UPDATED) == {}
    ids = [node.findtext(f"{ATOM}id") for node in feed.findall(f"{ATOM}entry")]
    assert len(set(ids)) == 2
    authors = [entry.findtext(f"{ATOM}author/{ATOM}name") for entry in feed.iter(f"{ATOM}entry")]
    assert authors == [author.username] * 2


def test_the_feed_holds_the_newest_twenty(anyone: Conduit, author: Actor) -> None:
    """Of 21 articles the oldest is left out."""
    tag = samples.unique("tag")
    lines = [samples.article_line(tagList=[tag]) for _ in range(21)]
    author.import_articles(samples.ndjson(*lines))

    feed = _feed(anyone.atom(tag=tag))

    assert _titles(feed) == [line["article"]["title"] for line in lines[:0:-1]]


def test_without_a_tag_the_feed_is_of_everything(anyone: Conduit, author: Actor) -> None:
    """The newest of all articles, whoever wrote them."""
    title = author.wrote()["title"]

    feed = _feed(anyone.atom())

    assert title in _titles(feed)


def test_a_tag_nobody_uses_has_an_empty_feed(anyone: Conduit) -> None:
    """A feed without entries is a valid feed, with a time of its own."""
    feed = _feed(anyone.atom(tag=samples.unique("tag")))

    assert _titles(feed) == []
    assert shapes.misfits({"updated": feed.findtext(f"{ATOM}updated")}, UPDATED) == {}


def test_markup_and_control_characters_in_a_text_do_not_break_the_feed(anyone: Conduit, author: Actor) -> None:
    """XML has characters of its own and forbids others, wherever they come from."""
    tag = samples.unique("tag")
    title = samples.unique('<b>&amp; "Ö" 🐉 ]]>')
    author.wrote(title=title, description="bell \x07, escape \x1b, \ufffe", tagList=[tag])

    feed = _feed(anyone.atom(tag=tag))

    assert _titles(feed) == [title]


def test_an_unchanged_feed_is_not_sent_again(anyone: Conduit, author: Actor) -> None:
    """The strong ETag comes back as 304 with nothing, until an article changes."""
    tag = samples.unique("tag")
    slug = author.wrote(tagList=[tag])["slug"]
    etag = anyone.atom(tag=tag).headers["etag"]
    assert etag.startswith('"')

    unchanged = anyone.atom(tag=tag, headers={"If-None-Match": etag})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged.headers["etag"] == etag
    author.edit(slug, description="Changed.")
    changed = anyone.atom(tag=tag, headers={"If-None-Match": etag})
    assert _feed(changed) is not None
    assert changed.headers["etag"] != etag


@pytest.mark.parametrize("template", ['"other", {etag}', "W/{etag}", "*"])
def test_if_none_match_is_a_list_compared_weakly(anyone: Conduit, author: Actor, template: str) -> None:
    """As RFC 9110 has it: any of several, weak or not, or an asterisk for whatever there is."""
    tag = samples.unique("tag")
    author.wrote(tagList=[tag])
    etag = anyone.atom(tag=tag).headers["etag"]

    response = anyone.atom(tag=tag, headers={"If-None-Match": template.format(etag=etag)})

    assert response.status_code == 304


def test_another_etag_gets_the_feed(anyone: Conduit, author: Actor) -> None:
    """Who has something else is sent what there is."""
    tag = samples.unique("tag")
    title = author.wrote(tagList=[tag])["title"]

    response = anyone.atom(tag=tag, headers={"If-None-Match": '"other"'})

    assert _titles(_feed(response)) == [title]
