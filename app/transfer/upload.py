"""Reads a multipart upload after authentication, as `app.bodies` reads JSON; runs in the server process."""

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from app.bodies import limited
from app.errors import invalid

LARGEST_UPLOAD = 32 * 2**20

UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                    "additionalProperties": False,
                }
            }
        },
    }
}
"""For OpenAPI."""


async def _uploaded(request: Request) -> bytes:
    """The content of the one field that there may be, `file`."""
    try:
        async with limited(request, LARGEST_UPLOAD).form(max_files=1, max_fields=0) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise invalid("file", "must be a file in a multipart form")
            return await file.read()
    except HTTPException:
        raise invalid("file", "is not in a multipart form that can be read") from None


Uploaded = Annotated[bytes, Depends(_uploaded)]
