"""Requests made up from the served OpenAPI document; runs in the test process."""

from typing import Any

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from e2e.conduit.actors import join

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 3
DETERMINED = hypothesis.settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""The same requests every time, whatever earlier runs found."""


UNENDING = "/api/articles/stream"
OPERATIONS = {
    "POST /api/users",
    "POST /api/users/login",
    "GET /api/user",
    "PUT /api/user",
    "GET /api/profiles/{username}",
    "POST /api/profiles/{username}/follow",
    "DELETE /api/profiles/{username}/follow",
    "GET /api/articles",
    "GET /api/articles/feed",
    "POST /api/articles",
    "GET /api/articles/{slug}",
    "PUT /api/articles/{slug}",
    "DELETE /api/articles/{slug}",
    "GET /api/articles/{slug}/comments",
    "POST /api/articles/{slug}/comments",
    "DELETE /api/articles/{slug}/comments/{id}",
    "POST /api/articles/{slug}/favorite",
    "DELETE /api/articles/{slug}/favorite",
    "GET /api/tags",
    "GET /",
    "GET /api/user/export",
    "POST /api/user/import",
    "GET /api/user/notifications",
    "GET /api/articles/stream",
    "GET /api/articles.atom",
}


@pytest.fixture
def operations(http: httpx.Client) -> list[APIOperation[Any, Any, Any, Any]]:
    """All that the served document offers, without the stream, which never ends."""
    document = http.get("/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config())
    return [schema[path][method] for path, item in document["paths"].items() if path != UNENDING for method in item]


def test_the_document_names_every_operation_and_stays_the_same(http: httpx.Client) -> None:
    """All 12 paths of the specification are in it, and ours; asking again gives the same document."""
    document, again = http.get("/openapi.json").json(), http.get("/openapi.json").json()

    assert again == document
    named = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}
    assert named == OPERATIONS


def test_every_answer_is_as_the_document_says(
    http: httpx.Client, operations: list[APIOperation[Any, Any, Any, Any]]
) -> None:
    """Good data or bad, with and without a token: no 5xx, no undeclared status, type or shape."""
    callers = [dict(http.headers), dict(http.headers) | {"Authorization": f"Token {join(http).token}"}]
    for operation in operations:

        @DETERMINED
        @hypothesis.given(case=operation.as_strategy() | operation.as_strategy(GenerationMode.NEGATIVE))
        def conforms(case: Case[Any]) -> None:
            for headers in callers:
                case.call_and_validate(base_url=str(http.base_url), headers=headers, checks=CHECKS)

        conforms()
