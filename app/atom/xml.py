"""The Atom document (RFC 4287); pure computation, runs in a thread of the server process."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from app.models import Article

_NAMESPACE = "http://www.w3.org/2005/Atom"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NEVER = datetime.fromtimestamp(0, UTC)


def document(articles: Sequence[Article], tag: str | None, path: str) -> bytes:
    """The feed of these articles, of which `path` is the address."""
    title = "Conduit" if tag is None else f"Conduit: {tag}"
    updated = max((article.updated_at for article in articles), default=_NEVER)
    feed = Element("feed", xmlns=_NAMESPACE)
    _head(feed, f"feed {tag}", title, updated)
    SubElement(feed, "link", rel="self", href=path)
    for article in articles:
        feed.append(_entry(article))
    xml: bytes = tostring(feed, encoding="utf-8", xml_declaration=True)
    return xml


def _entry(article: Article) -> Element:
    entry = Element("entry")
    # The slug changes with the title, an entry's id never does.
    _head(entry, f"article {article.id} {article.created_at}", article.title, article.updated_at)
    _text(entry, "published", article.created_at.isoformat())
    _text(SubElement(entry, "author"), "name", article.author.username)
    SubElement(entry, "link", rel="alternate", href=f"/api/articles/{article.slug}")
    for tag in article.tags:
        SubElement(entry, "category", term=_writable(tag.name))
    _text(entry, "summary", article.description)
    return entry


def _head(element: Element, name: str, title: str, updated: datetime) -> None:
    _text(element, "id", uuid5(NAMESPACE_URL, f"conduit {name}").urn)
    _text(element, "title", title)
    _text(element, "updated", updated.isoformat())


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = _writable(text)


def _writable(text: str) -> str:
    """XML has no way to write most control characters, not even escaped."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
