"""The nodes of a syntax tree, walked once: many questions are asked of the same modules. Driver process."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import cast


@contextmanager
def without_collections() -> Iterator[None]:
    """While trees are made and walked: their millions of nodes are no garbage, and looking for some takes a third."""
    were = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if were:
            gc.enable()


@cache
def nodes(tree: ast.AST) -> tuple[ast.AST, ...]:
    """All of them, in the order of `ast.walk`."""
    return tuple(ast.walk(tree))


@cache
def _by_type(tree: ast.AST) -> dict[type[ast.AST], list[ast.AST]]:
    found: dict[type[ast.AST], list[ast.AST]] = {}
    for node in nodes(tree):
        found.setdefault(type(node), []).append(node)
    return found


def of_type[T: ast.AST](tree: ast.AST, kind: type[T]) -> list[T]:
    """Those of exactly one type."""
    return cast("list[T]", _by_type(tree).get(kind, []))


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
