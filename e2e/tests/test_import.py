"""POST /api/user/import: articles from an NDJSON upload; runs in the test process."""

import pytest

from e2e.conduit import samples, shapes
from e2e.conduit.actors import Actor
from e2e.conduit.client import JSON, Fields
from e2e.conduit.refusals import Refusal, refusal


def _report(author: Actor, upload: bytes) -> Fields:
    response = author.import_articles(upload)
    assert response.status_code == 200, response.text
    assert response.json().keys() == {"import"}
    report: Fields = response.json()["import"]
    return report


def test_what_one_user_exports_another_can_import(author: Actor, reader: Actor) -> None:
    """An export is a valid import: articles are taken, other lines ignored."""
    one = author.wrote(tagList=["a", "b"])
    two = author.wrote()
    author.said(one["slug"], "Not an article.")

    report = _report(reader, author.export().content)

    assert report == {"taken": 2, "refused": []}
    imported = shapes.articles(reader.articles(author=reader.username))
    kept = ("title", "description", "tagList")
    expected = [{key: article[key] for key in kept} for article in (one, two)]
    found = [{key: article[key] for key in kept} for article in imported]
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert not {article["slug"] for article in imported} & {one["slug"], two["slug"]}


def test_a_bad_row_among_good_ones_is_reported_by_its_line_and_leaves_the_others(
    author: Actor,
) -> None:
    """Rows stand on their own: each refusal says where and why."""
    good = [samples.article_line(tagList=["a"]), samples.article_line()]
    blank = samples.article_line(title="")
    short = {"type": "article", "article": samples.without(samples.article(), "body")}

    report = _report(author, samples.ndjson(good[0], blank, {"type": "end"}, short, good[1]))

    assert report["taken"] == 2
    assert report["refused"][0] == {"line": 2, "errors": {"title": ["can't be blank"]}}
    assert [row["line"] for row in report["refused"]] == [2, 4]
    assert report["refused"][1]["errors"].keys() == {"body"}
    listed = shapes.articles(author.articles(author=author.username))
    assert {article["title"] for article in listed} == {line["article"]["title"] for line in good}


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        pytest.param({"title": None}, "title", id="null title"),
        pytest.param({"body": 7}, "body", id="number for a body"),
        pytest.param({"tagList": None}, "tagList", id="null tags"),
        pytest.param({"tagList": ["a", 7]}, "tagList", id="number among the tags"),
        pytest.param({"title": "nul\0"}, "title", id="NUL in the title"),
        pytest.param({"body": "\ud800"}, "body", id="lone surrogate in the body"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_by_name(author: Actor, fields: Fields, key: str) -> None:
    """What may not be published may not be imported either, and breaks nothing."""
    rows = [samples.article_line(), samples.article_line(**fields), samples.article_line()]

    report = _report(author, samples.ndjson(*rows))

    assert report["taken"] == 2
    [refused] = report["refused"]
    assert (refused["line"], list(refused["errors"])) == (2, [key])


@pytest.mark.parametrize("article", [None, 7, "text", [], "absent"])
def test_an_article_line_without_an_article_is_refused(author: Actor, article: JSON) -> None:
    """A line that says it is an article must hold one."""
    line = {"type": "article", "article": article}

    report = _report(author, samples.ndjson(line, samples.article_line()))

    assert report["taken"] == 1
    assert [row["line"] for row in report["refused"]] == [1]


def test_an_empty_upload_imports_nothing(somebody: Actor) -> None:
    """No lines are no error."""
    report = _report(somebody, b"")

    assert report == {"taken": 0, "refused": []}


def test_blank_lines_count_as_lines_and_nothing_else(author: Actor) -> None:
    """Line numbers are those of the file, whether lines end in LF or CRLF."""
    good, bad = samples.ndjson(samples.article_line()), samples.ndjson({"type": "article"})

    report = _report(author, b"\n" + good.replace(b"\n", b"\r\n") + b"\n" + bad.rstrip(b"\n"))

    assert report["taken"] == 1
    assert [row["line"] for row in report["refused"]] == [4]


@pytest.mark.parametrize(
    "tail",
    [
        pytest.param(b"no json\n", id="no JSON"),
        pytest.param(b'{"type": "article", "article":', id="cut in the middle"),
        pytest.param(b"\xff\xfe\n", id="no UTF-8"),
        pytest.param(b"[1, 2]\n", id="a list"),
        pytest.param(b"7\n", id="a number"),
        pytest.param(b"[" * 100_000 + b"\n", id="nested too deep"),
    ],
)
def test_an_unreadable_upload_is_refused_and_takes_nothing(somebody: Actor, tail: bytes) -> None:
    """A file that is no NDJSON of objects is 422 as a whole, good lines before it included."""
    response = somebody.import_articles(samples.ndjson(samples.article_line()) + tail)

    assert refusal(response).status == 422
    assert shapes.articles(somebody.articles(author=somebody.username)) == []


def test_an_upload_of_too_many_articles_is_refused_before_any_is_taken(somebody: Actor) -> None:
    """More than 1,000 articles are more than one transaction should hold."""
    upload = samples.ndjson(samples.article_line()) + b'{"type":"article"}\n' * 1_000

    response = somebody.import_articles(upload)

    assert refusal(response).status == 422
    assert "file" in refusal(response).errors
    assert shapes.articles(somebody.articles(author=somebody.username)) == []


def test_an_upload_of_a_thousand_articles_is_taken(author: Actor) -> None:
    """The limit is inclusive, and lines of another type do not count."""
    upload = samples.ndjson(samples.article_line(), {"type": "comment", "article": samples.article()})

    report = _report(author, upload + b'{"type":"article"}\n' * 999)

    assert (report["taken"], len(report["refused"])) == (1, 999)
    assert len(shapes.articles(author.articles(author=author.username))) == 1


def test_an_upload_without_the_field_is_refused_by_name(somebody: Actor) -> None:
    """The multipart field is called `file`."""
    response = somebody.import_articles(b"", field="upload")

    assert refusal(response).status == 422
    assert "file" in refusal(response).errors


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        pytest.param("application/json", b'{"file": "x"}', id="JSON"),
        pytest.param("application/x-www-form-urlencoded", b"file=x", id="a form's text field"),
        pytest.param("multipart/form-data", b"--b\r\n\r\n", id="multipart without a boundary"),
        pytest.param("multipart/form-data; boundary=b", b"garbage", id="multipart garbage"),
        pytest.param("text/plain", b"", id="nothing at all"),
    ],
)
def test_a_body_that_is_no_upload_is_refused(somebody: Actor, content_type: str, body: bytes) -> None:
    """Whatever is not a multipart file is 422 in the one error shape."""
    headers = {"Content-Type": content_type}

    response = somebody.send("POST", "/api/user/import", content=body, headers=headers)

    assert refusal(response).status == 422


def test_an_upload_over_32_mib_is_too_large_and_takes_nothing(somebody: Actor) -> None:
    """413, and what came before the limit is not imported."""
    upload = samples.ndjson(samples.article_line()) + b" " * 2**25 + b"\n"

    response = somebody.import_articles(upload)

    assert refusal(response).status == 413
    assert shapes.articles(somebody.articles(author=somebody.username)) == []


def test_an_upload_of_32_mib_is_taken(author: Actor) -> None:
    """The limit is inclusive, for all that is sent: the form around the file too."""
    line = samples.ndjson(samples.article_line())
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    tail = b"\r\n--b--\r\n"
    body = head + line + b" " * (2**25 - len(head) - len(line) - len(tail)) + tail
    headers = {"Content-Type": "multipart/form-data; boundary=b"}

    taken = author.send("POST", "/api/user/import", content=body, headers=headers)
    refused = author.send("POST", "/api/user/import", content=body + b" ", headers=headers)

    assert taken.json() == {"import": {"taken": 1, "refused": []}}
    assert refusal(refused) == Refusal(413, {"body": ["is too large (maximum is 32 MiB)"]})


@pytest.mark.parametrize(
    "besides",
    [
        pytest.param({"files": [("file", b"{}\n"), ("file", b"{}\n")]}, id="two files"),
        pytest.param({"files": {"file": b"{}\n"}, "data": {"more": "x"}}, id="a field besides"),
    ],
)
def test_a_form_of_more_than_one_file_is_refused(somebody: Actor, besides: Fields) -> None:
    """Nobody is left to guess which of them was taken."""
    response = somebody.send("POST", "/api/user/import", **besides)

    assert refusal(response).status == 422


def test_an_upload_may_be_larger_than_any_json_body(author: Actor) -> None:
    """The limit of 1 MiB is for JSON; an import has its own."""
    lines = [samples.article_line(body="x" * 600_000) for _ in range(3)]

    report = _report(author, samples.ndjson(*lines))

    assert report == {"taken": 3, "refused": []}


def test_an_import_announces_nothing_twice(author: Actor) -> None:
    """The same file twice gives every article twice: an import has no memory."""
    upload = samples.ndjson(samples.article_line())

    reports = [_report(author, upload), _report(author, upload)]

    assert [report["taken"] for report in reports] == [1, 1]
    listed = shapes.articles(author.articles(author=author.username))
    assert len({article["slug"] for article in listed}) == 2
