"""Things to send: unique in every test, so that no order and no leftovers matter; test process."""

import json
from uuid import uuid4

from e2e.conduit.client import JSON, Fields

PASSWORD = "correct horse battery"


def unique(word: str) -> str:
    """A name nobody has used: not from `random`, which pytest-randomly seeds alike every time."""
    return f"{word}-{uuid4().hex[:12]}"


def user(**fields: JSON) -> Fields:
    """A registration that succeeds, except for the given fields."""
    username = unique("user")
    sample = {"username": username, "email": f"{username}@example.org", "password": PASSWORD}
    return sample | fields


def article(**fields: JSON) -> Fields:
    """An article that is accepted, except for the given fields."""
    sample = {"title": unique("Title"), "description": "What it says.", "body": "All of it."}
    return sample | fields


def without(fields: Fields, key: str) -> Fields:
    """The same, one key short."""
    return {name: value for name, value in fields.items() if name != key}


def ndjson(*lines: JSON) -> bytes:
    """A JSON document a line, as export gives and import takes them."""
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def article_line(**fields: JSON) -> Fields:
    """A line of an import that is taken, except for the given fields."""
    return {"type": "article", "article": article(**fields)}
