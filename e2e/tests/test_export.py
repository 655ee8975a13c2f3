"""GET /api/user/export: all that a user wrote, streamed as NDJSON; runs in the test process."""

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor
from e2e.conduit.streams import documents

HANG_UPS = 15
"""More than the pool of connections holds."""


def test_an_export_holds_all_that_the_user_wrote_and_says_where_it_ends(author: Actor, reader: Actor) -> None:
    """Articles, then comments, then how many of each, a JSON object a line."""
    theirs = reader.wrote()["slug"]
    reader.said(theirs, "Not the author's.")
    mine = [author.wrote(tagList=["b", "a"]), author.wrote()]
    said = author.said(theirs, "Mine.")

    response = author.export()

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/x-ndjson")
    *lines, end = documents(response.text)
    assert end == {"type": "end", "articles": 2, "comments": 1}
    assert [line["type"] for line in lines] == ["article", "article", "comment"]
    kept = ("slug", "title", "description", "body", "tagList", "createdAt", "updatedAt")
    exported = {line["article"]["slug"]: line["article"] for line in lines[:2]}
    assert exported == {one["slug"]: {key: one[key] for key in kept} for one in mine}
    assert lines[2]["comment"] == {
        "id": said["id"],
        "article": theirs,
        "body": "Mine.",
        "createdAt": said["createdAt"],
    }


def test_the_export_of_somebody_who_wrote_nothing_is_the_end_alone(author: Actor) -> None:
    """Nothing to say is a complete export."""
    response = author.export()

    assert documents(response.text) == [{"type": "end", "articles": 0, "comments": 0}]


def test_an_export_of_many_articles_is_complete(author: Actor) -> None:
    """More rows than the database hands over at a time."""
    author.import_articles(samples.ndjson(*[samples.article_line() for _ in range(101)]))

    *lines, end = documents(author.export().text)

    assert end == {"type": "end", "articles": 101, "comments": 0}
    assert len({line["article"]["slug"] for line in lines}) == 101


def test_line_breaks_in_a_text_do_not_break_the_lines(author: Actor) -> None:
    """A JSON object stays on its line, whatever the text holds."""
    body = "one\ntwo\r\nthree\u2028four\x85five"
    author.wrote(body=body)

    article, _end = documents(author.export().text)

    assert article["article"]["body"] == body


def test_clients_that_hang_up_in_mid_export_take_no_connection_with_them(author: Actor) -> None:
    """Each hang-up gives its database connection back: the server goes on serving."""
    body = "x" * 500_000
    lines = [samples.article_line(body=body) for _ in range(12)]
    author.import_articles(samples.ndjson(*lines))

    for _ in range(HANG_UPS):
        with author.streaming("GET", "/api/user/export") as response:
            assert next(response.iter_bytes(1000))

    assert shapes.user(author.current_user())["username"] == author.username
    assert len(documents(author.export().text)) == 13


def test_an_export_is_in_the_order_of_writing(author: Actor, reader: Actor) -> None:
    """Oldest first, articles and comments alike: imported again, the newest is the newest."""
    articles = [author.wrote()["slug"] for _ in range(3)]
    theirs = reader.wrote()["slug"]
    said = [author.said(slug, "Well.")["id"] for slug in (articles[1], theirs, articles[0])]

    *lines, end = documents(author.export().text)

    assert [line["article"]["slug"] for line in lines[:3]] == articles
    assert [line["comment"]["id"] for line in lines[3:]] == said
    assert end == {"type": "end", "articles": 3, "comments": 3}


def test_an_export_is_kept_by_nobody_on_its_way(author: Actor) -> None:
    """It is never the same for long."""
    response = author.export()

    assert response.headers["cache-control"] == "no-cache"
