"""What an import lacks of the environment: a variable, settings that pydantic refuses. The import check's process."""

from __future__ import annotations

import os
import re
from typing import Any

READERS = {
    "environs": r"""Environment variable ["'](\w+)["'] not set""",
    "decouple": r"(\w+) not found\.",
    "starlette": r"Config '(\w+)' is missing",
}
"""Libraries that read the environment, and what they say of a variable that is not there."""


def variable(error: BaseException) -> str:
    """The variable that the environment was asked for and has not; "" where the error is another."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    module = str(place.tb_frame.f_globals.get("__name__")) if place is not None else ""
    if module == os.__name__:
        return str(error.args[0]) if isinstance(error, KeyError) and error.args else ""
    said = READERS.get(module.partition(".")[0])
    found = re.match(said, str(error.args[0])) if said and error.args else None
    return found[1] if found else ""


def refused(error: BaseException) -> str:
    """Pydantic's errors in one line, each with its field; "" where the error is none of pydantic's."""
    found: Any = error
    if type(error).__module__.partition(".")[0] not in {"pydantic", "pydantic_core"} or not hasattr(found, "errors"):
        return ""
    listed = [": ".join(filter(None, [".".join(map(str, each["loc"])), each["msg"]])) for each in found.errors()]
    name = found.title if hasattr(found, "title") else found.model.__name__  # of version 1, which pydantic.v1 is, too
    return f"{name} refuses its values: {'; '.join(listed)}" if listed else ""
