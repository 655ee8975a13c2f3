"""A variable of the environment that the application reads. Driver process."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import Any, Self

UNKNOWN = object()
"""The value of an expression that is not a literal."""


@dataclass(frozen=True)
class Variable:
    """`required` where the application cannot be imported without it; `kind` is its annotation, as written.

    `default` is UNKNOWN where only the running program knows it. `least` is the least number that it may be.
    `attribute` is the settings' field that has it.
    """

    name: str
    where: str
    required: bool = False
    kind: str = "str"
    default: Any = None
    least: Any = None
    attribute: str = ""

    def optional(self) -> Self:
        """The same, not required."""
        return replace(self, required=False)

    @property
    def words(self) -> list[str]:
        """The parts of its name."""
        return [each for each in self.name.upper().split("_") if each]


def literal(node: ast.expr) -> Any:
    """The value of a literal, UNKNOWN of any other expression."""
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return UNKNOWN
