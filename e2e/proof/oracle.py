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
SIDE = "_took"
"""As subjects/sides_recorder.py calls it."""


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


class _ReportingSides(_Reporting):
    """Lets the condition of every `if` report its value as well."""

    def visit_If(self, node: ast.If) -> ast.AST:  # as ast calls it
        """Ask the condition through the recorder."""
        node.test = ast.Call(ast.Name(SIDE, ast.Load()), [ast.Constant(0), node.test], [])
        return self.generic_visit(node)


def _with_reports(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield ast.Expr(ast.Call(ast.Name(NAME, ast.Load()), [ast.Constant(0)], []))
        yield statement


def rewritten(source: str, *, sides: bool = False) -> str:
    """`source`, in which each statement reports the line (of the rewritten text) on which its report stands.

    With `sides`, each `if` reports its line and which side is taken, too.
    """
    tree = (_ReportingSides if sides else _Reporting)().visit(ast.parse(source))
    text = ast.unparse(ast.fix_missing_locations(tree))
    text = f"from oracle import {NAME}{f', {SIDE}' * sides}\n{text}\n"
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if line.strip() == f"{NAME}(0)":
            lines[number - 1] = line.replace("(0)", f"({number})")
        elif f"{SIDE}(0," in line:
            lines[number - 1] = line.replace(f"{SIDE}(0,", f"{SIDE}({number},")
    return "\n".join(lines) + "\n"


def reports(text: str) -> set[int]:
    """The lines of a rewritten source on which a report stands."""
    return {number for number, line in enumerate(text.splitlines(), start=1) if line.strip().startswith(f"{NAME}(")}


def sides(text: str) -> set[int]:
    """The lines of a rewritten source on which an `if` stands that reports its sides."""
    return {number for number, line in enumerate(text.splitlines(), start=1) if f"{SIDE}({number}," in line}
