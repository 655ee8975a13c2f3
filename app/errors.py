"""The one shape of every refusal, `{"errors": {key: [message, ...]}}`, and who is answered with it; server process."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from app.methods import allowed_methods

_log = logging.getLogger("uvicorn.error")

FieldErrors = dict[str, list[str]]

_WORDS = {
    "missing": "can't be blank",
    "extra_forbidden": "is not a known key",
    "string_type": "must be a string",
    "string_unicode": "must not contain keys with lone surrogates",
    "string_too_long": "is too long (maximum is {max_length})",
    "too_long": "is too long (maximum is {max_length})",
    "too_short": "is too short (minimum is {min_length})",
    "list_type": "must be a list",
    "model_type": "must be an object",
    "int_parsing": "must be an integer",
    "int_parsing_size": "is too large",
    "int_from_float": "must be an integer",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
}


class Json(JSONResponse):
    """JSON that says its charset, as Conduit's clients expect."""

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        """Starlette's, with another content type."""
        super().init_headers({**(headers or {}), "content-type": "application/json; charset=utf-8"})


class Errors(BaseModel):
    """What is wrong, by what it is wrong with."""

    errors: FieldErrors


class RefusalError(Exception):
    """Ends a request with a status and the reasons for it; its transaction is rolled back."""

    def __init__(self, status: int, errors: FieldErrors, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, errors)
        self.status = status
        self.errors = errors
        self.headers = headers


def unauthorized(key: str, message: str) -> RefusalError:
    """401, with the challenge that HTTP asks for."""
    return RefusalError(401, {key: [message]}, {"WWW-Authenticate": "Token"})


def forbidden(what: str) -> RefusalError:
    """403 for somebody else's article or comment."""
    return RefusalError(403, {what: ["forbidden"]})


def not_found(what: str) -> RefusalError:
    """404 for an article, a comment or a profile."""
    return RefusalError(404, {what: ["not found"]})


def taken(fields: Iterable[str]) -> RefusalError:
    """409 for what somebody else has."""
    return RefusalError(409, {field: ["has already been taken"] for field in fields})


def invalid(key: str, message: str) -> RefusalError:
    """422 for one field and one reason."""
    return RefusalError(422, {key: [message]})


def field_errors(error: ValidationError | RequestValidationError) -> FieldErrors:
    """Pydantic's findings, each under the innermost name that the client gave the thing."""
    found: FieldErrors = {}
    for item in error.errors():
        names = [part for part in ("body", *item["loc"]) if isinstance(part, str)]
        words = "can't be blank" if item["input"] is None else _WORDS.get(item["type"], item["msg"])
        found.setdefault(names[-1], []).append(words.format(**item.get("ctx", {})))
    return found


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's `responses` for the refusals that an operation may answer with."""
    schema = {"$ref": "#/components/schemas/Errors"}
    content = {"application/json": {"schema": schema}}
    return {status: {"description": _REASONS[status], "content": content} for status in (*statuses, 503)}


_REASONS = {
    401: "The token (or the e-mail and password) is missing, wrong or expired. Checked before anything else.",
    403: "It belongs to somebody else.",
    404: "There is no such thing.",
    409: "Somebody else has the username or e-mail address.",
    413: "The body is too large.",
    415: "The body is not `application/json`.",
    422: "The request was understood and is refused: each key names a field and says why.",
    501: "The server runs on a database that cannot do this.",
    503: "The database cannot be reached.",
}


def first_line(error: Exception) -> str:
    """What an operator wants to read; SQLAlchemy adds lines for programmers."""
    return str(error).partition("\n")[0]


async def _refuse(_request: Request, error: RefusalError) -> Response:
    return Json({"errors": error.errors}, error.status, error.headers)


async def _refuse_parameters(_request: Request, error: RequestValidationError) -> Response:
    return Json({"errors": field_errors(error)}, 422)


async def _refuse_route(request: Request, error: HTTPException) -> Response:
    """404 for a path that nothing serves; 405, with all the methods that would do, for one that something does."""
    methods = allowed_methods(request)
    if methods:
        return Json({"errors": {"method": ["not allowed"]}}, 405, {"Allow": ", ".join(methods)})
    return Json({"errors": {"path": ["not found"]}}, error.status_code)


async def _hung_up(_request: Request, _error: ClientDisconnect) -> Response:
    return Response(status_code=400)  # read by nobody


async def _database_away(_request: Request, error: Exception) -> Response:
    _log.warning("The database cannot be reached: %s", first_line(error))
    return Json({"errors": {"database": ["cannot be reached"]}}, 503, {"Retry-After": "1"})


async def _database_failed(request: Request, error: DBAPIError) -> Response:
    """No connection, or one lost in mid-query, will pass; a statement that the database refuses is our mistake."""
    if error.statement is not None and not error.connection_invalidated:
        raise error
    return await _database_away(request, error)


async def _failed(_request: Request, _error: Exception) -> Response:
    """Starlette logs the traceback after this answer."""
    return Json({"errors": {"server": ["failed; its log says why"]}}, 500)


def install(app: FastAPI) -> None:
    """Have every refusal, whoever raised it, answered in the one shape."""
    app.exception_handler(RefusalError)(_refuse)
    app.exception_handler(RequestValidationError)(_refuse_parameters)
    app.exception_handler(HTTPException)(_refuse_route)
    app.exception_handler(ClientDisconnect)(_hung_up)
    app.exception_handler(OSError)(_database_away)
    app.exception_handler(PoolTimeoutError)(_database_away)
    app.exception_handler(DBAPIError)(_database_failed)
    app.exception_handler(Exception)(_failed)
