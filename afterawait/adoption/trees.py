"""The nodes of a syntax tree, walked once: many questions are asked of the same modules. Driver process."""

from __future__ import annotations

import ast
from functools import cache


@cache
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """All of them, in the order of `ast.walk`."""
    return tuple(ast.walk(tree))


@cache
def of_type[T: ast.AST](tree: ast.AST, kind: type[T]) -> tuple[T, ...]:
    """Those of one type."""
    return tuple(node for node in nodes(tree) if isinstance(node, kind))


def dotted(node: ast.AST) -> str:
    """A name with dots as it is written; of any other expression what `ast.unparse` makes,
    which takes ten times as long.
    """
    parts: list[str] = []
    inner = node
    while isinstance(inner, ast.Attribute):
        parts.append(inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name):
        return ".".join([inner.id, *reversed(parts)])
    return ast.unparse(node)
