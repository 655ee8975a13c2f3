"""The lines of a source that hold code, by compiling it. Driver process, and pages."""

from __future__ import annotations

from types import CodeType

from afterawait.agent.witness.annotations import ANNOTATE


def lines_of(code: CodeType) -> set[int]:
    """Every line that can run, in `code` and all that is nested in it; as coverage.py has it, no annotations can."""
    return _lines(code, ANNOTATE)


def recordable(code: CodeType) -> set[int]:
    """Every line that some tracer can report an event for: those of annotations too."""
    return _lines(code, "")


def _lines(code: CodeType, without: str) -> set[int]:
    found = set() if code.co_name == without else {line for _, _, line in code.co_lines() if line}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _lines(constant, without)
    return found
