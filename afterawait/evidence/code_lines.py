"""The lines of a source that hold code, by compiling it. Driver process, and pages."""

from __future__ import annotations

from types import CodeType


def lines_of(code: CodeType) -> set[int]:
    """Every line that an event can be reported for, in `code` and all that is nested in it."""
    found = {line for _, _, line in code.co_lines() if line}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= lines_of(constant)
    return found
