"""The one line of an exception's text that says what happened. In measured processes, the import check's too.

The last line is often another: SQLAlchemy ends with an address, pydantic and asyncpg with a hint.
"""

from __future__ import annotations

import re
import traceback

IN_A_GROUP = re.compile(r"^\s*\| ?")
FRAME = re.compile(r"\s+File \"")


def of_error(error: BaseException) -> str:
    """Its type, and the first line of what it says."""
    return of_text("".join(traceback.format_exception_only(error)))


def of_text(text: str) -> str:
    """Of a traceback the line behind its last frame, of any other text its first; "" where there is none."""
    lines = [IN_A_GROUP.sub("", each) for each in text.splitlines()]
    frames = [at for at, each in enumerate(lines) if FRAME.match(each)]
    behind = lines[frames[-1] + 1 :] if frames else lines
    said = [each for each in behind if each.strip() and (not frames or not each[:1].isspace())]
    return said[0].strip() if said else ""
