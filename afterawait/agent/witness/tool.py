"""Which tool of sys.monitoring is the witness's (PEP 669). In measured processes."""

from __future__ import annotations

import sys

NAME = "afterawait"
IDS = (3, 4, 5, 2, 0)
"""Free ones first: 1 is coverage.py's, 0, 2 and 5 are set aside for debuggers, profilers and optimizers."""


class NoToolError(Exception):
    """Every tool id of sys.monitoring is taken."""


def claim() -> int:
    """Take a free one; returns its id. Raises NoToolError."""
    monitoring = sys.monitoring
    for number in IDS:
        if monitoring.get_tool(number) is None:
            monitoring.use_tool_id(number, NAME)
            return number
    taken = ", ".join(f"{number} {monitoring.get_tool(number)}" for number in sorted(IDS))
    raise NoToolError(f"every tool id of sys.monitoring is taken: {taken}")
