"""The text of the first test: it needs nothing but the live server. Driver process."""

from __future__ import annotations

import json

HEAD = '''\
"""End-to-end tests: their requests go over HTTP to a live server of this project.

`afterawait run` starts it and measures what they reach. `pytest` starts it as well, and measures nothing.
"""
'''

BY_OPENAPI = '''
OPENAPI = {openapi}


def test_operations_that_need_nothing_answer(http):
    """Each GET operation without required parameters, as the served OpenAPI document lists them, is called once."""
    failed = []
    for path in operations(http.get(OPENAPI)):
        with http.stream("GET", path) as response:  # the body of an endless stream is not waited for
            if "content-length" in response.headers:
                response.read()
        if response.status_code >= 500:
            failed.append(f"GET {{path}}: {{response.status_code}}")

    assert not failed


def operations(document):
    """The paths of those operations; "/" where no document is served."""
    if "json" not in document.headers.get("content-type", "") or document.is_error:
        return ["/"]
    found = []
    for path, item in document.json()["paths"].items():
        if "get" in item and "{{" not in path:
            parameters = item.get("parameters", []) + item["get"].get("parameters", [])
            if not any(each.get("required") or "$ref" in each for each in parameters):
                found.append(path)
    return found
'''

BY_PATHS = '''
import pytest


@pytest.mark.parametrize("path", {paths})
def test_a_path_answers(http, path):
    """No 5xx."""
    with http.stream("GET", path) as response:  # the body of an endless stream is not waited for
        if "content-length" in response.headers:
            response.read()

    assert response.status_code < 500
'''

UNKNOWN = '''

def test_a_path_that_is_not_there_is_no_error(http):
    """Nobody's mistake in an address makes the server fail."""
    assert http.get("/there-is-no-such-path").status_code < 500
'''

FLOW = """

# A flow, as somebody who uses this service goes through it. Put your own paths in, and take the # away.
#
# def test_what_is_made_can_be_read(http):
#     made = http.post("/items", json={"name": "pear"})
#     assert made.status_code == 201
#
#     read = http.get(f"/items/{made.json()['id']}")
#     assert read.json()["name"] == "pear"
"""


def text(openapi: str, paths: list[str]) -> str:
    """By the OpenAPI document at `openapi`; where there is none, by `paths`."""
    body = BY_OPENAPI.format(openapi=json.dumps(openapi)) if openapi else BY_PATHS.format(paths=json.dumps(paths))
    return HEAD + body + UNKNOWN + FLOW
