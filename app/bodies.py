"""Reads a JSON body after authentication, which FastAPI's own body parameters come before; server process."""

import json
from typing import Any

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.types import Message

from app.errors import RefusalError, field_errors, invalid

LARGEST_JSON = 2**20


class JsonBody[Model: BaseModel]:
    """A dependency that gives the request's JSON body as a model, and `app.openapi` its schema."""

    def __init__(self, model: type[Model]) -> None:
        self.model = model

    async def __call__(self, request: Request) -> Model:
        """The model, or 413, 415 or 422."""
        # A client that does not say what it sends can only mean JSON; a page's form always says what it is.
        media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise RefusalError(415, {"content-type": ["must be application/json"]})
        raw = await limited(request, LARGEST_JSON).body()
        try:
            return self.model.model_validate(parse_json(raw))
        except ValidationError as error:
            raise RefusalError(422, field_errors(error)) from None
        except ValueError:
            raise invalid("body", "is not valid JSON") from None


def parse_json(raw: bytes) -> Any:
    """What the bytes mean; ValueError if nothing. Of a key given twice the last counts."""
    try:
        return json.loads(raw.decode())
    except RecursionError:
        raise ValueError("nested too deep") from None


def limited(request: Request, most: int) -> Request:
    """The same request, but 413 as soon as a larger body is announced or has come."""
    refusal = RefusalError(413, {"body": [f"is too large (maximum is {most // 2**20} MiB)"]})
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise refusal
        return message

    if int(request.headers.get("content-length", 0)) > most:
        raise refusal
    return Request(request.scope, receive)
