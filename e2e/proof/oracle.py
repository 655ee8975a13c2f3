"""The oracle: a source rewritten so that each statement reports its own line before it runs. Proof process.

It knows nothing of tracers, monitoring, contexts or coverage.py: the report is a line appended to a file with
O_APPEND, whole as soon as the call returns, whatever becomes of the process.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import override

NAME = "_ran"
"""As subjects/recorder.py calls it."""


class _Reporting(ast.NodeTransformer):
    """Puts a report before every statement of every body."""

    @override
    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                setattr(node, name, list(_with_reports(body)))
        return node


def _with_reports(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield ast.Expr(ast.Call(ast.Name(NAME, ast.Load()), [ast.Constant(0)], []))
        yield statement


def rewritten(source: str) -> str:
    """`source`, in which each statement reports the line (of the rewritten text) on which its report stands."""
    tree = _Reporting().visit(ast.parse(source))
    text = ast.unparse(ast.fix_missing_locations(tree))
    text = f"from oracle import {NAME}\n{text}\n"
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if line.strip() == f"{NAME}(0)":
            lines[number - 1] = line.replace("(0)", f"({number})")
    return "\n".join(lines) + "\n"


def reports(text: str) -> set[int]:
    """The lines of a rewritten source on which a report stands."""
    return {number for number, line in enumerate(text.splitlines(), start=1) if line.strip().startswith(f"{NAME}(")}
