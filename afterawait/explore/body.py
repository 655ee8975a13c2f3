"""The JSON that a request brings, within limits of size and depth. Page process."""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MOST_BYTES = 64 * 1024
DEEPEST = 16
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


async def read(request: Request) -> Any:
    """The body as JSON. Raises HTTPException, its detail a sentence for the sender."""
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MOST_BYTES:
            raise HTTPException(413, f"Send {MOST_BYTES // 1024} KiB at most.")
    if _depth(bytes(raw)) > DEEPEST:  # before it is parsed: a parser that calls itself has a limit of its own
        raise HTTPException(400, f"Send JSON that is nested {DEEPEST} deep at most.")
    try:
        return json.loads(bytes(raw))
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"This is no JSON: {error}.") from None


def refused(_request: Request, error: Exception) -> Response:
    """An HTTPException as the page's script reads it."""
    if not isinstance(error, HTTPException):
        raise error
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


def _depth(raw: bytes) -> int:
    level = deepest = 0
    for each in _STRING.sub(b"", raw):
        if each in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif each in b"]}":
            level -= 1
    return deepest
