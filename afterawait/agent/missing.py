"""What an import lacks of the environment: a variable, settings that pydantic refuses. The import check's process."""

from __future__ import annotations

import os
from typing import Any


def variable(error: BaseException) -> str:
    """The variable that `os.environ[...]` was asked for and has not; "" where the error is another."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    inside = place is not None and place.tb_frame.f_globals.get("__name__") == os.__name__
    return str(error.args[0]) if isinstance(error, KeyError) and inside and error.args else ""


def refused(error: BaseException) -> str:
    """Pydantic's errors in one line, each with its field; "" where the error is none of pydantic's."""
    found: Any = error
    if type(error).__module__.partition(".")[0] not in {"pydantic", "pydantic_core"} or not hasattr(found, "errors"):
        return ""
    listed = [": ".join(filter(None, [".".join(map(str, each["loc"])), each["msg"]])) for each in found.errors()]
    return f"{found.title} refuses its values: {'; '.join(listed)}" if listed else ""
