"""Where the application serves its OpenAPI document, and what paths it has where it serves none. Driver process."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath

from afterawait.adoption.trees import nodes
from afterawait.adoption.variable import Variable

USUAL = {"Litestar": "/schema/openapi.json"}
DEFAULT = "/openapi.json"


def address(framework: str, trees: Iterable[tuple[PurePath, ast.Module]], variables: Iterable[Variable]) -> str:
    """The path of the document, "" where none is served."""
    if framework not in {"FastAPI", "Litestar"}:
        return ""
    defaults = {name: each.default for each in variables for name in (each.name, each.attribute or each.name)}
    for _, tree in trees:
        for node in nodes(tree):
            if isinstance(node, ast.keyword) and node.arg == "openapi_url":
                found = _text(node.value, defaults)
                return found if found is not None else DEFAULT
    return USUAL.get(framework, DEFAULT)


def _text(node: ast.expr, defaults: Mapping[str, object]) -> str | None:
    """A text of constants and settings with a default; None of all else, "" for None itself."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.FormattedValue):
        return _text(node.value, defaults)
    if isinstance(node, ast.JoinedStr):
        parts = [_text(each, defaults) for each in node.values]
        return "".join(each or "" for each in parts) if None not in parts else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left, defaults), _text(node.right, defaults)
        return left + right if left is not None and right is not None else None
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    value = defaults.get(name) or defaults.get(name.upper())
    return value if isinstance(value, str) else None


def paths(trees: Iterable[tuple[PurePath, ast.Module]]) -> list[str]:
    """The paths of Starlette's routes that GET reaches without a parameter."""
    found = [each for _, tree in trees for each in _routes(tree.body, "")]
    return list(dict.fromkeys(each for each in found if "{" not in each)) or ["/"]


def _routes(nodes: Iterable[ast.AST], prefix: str) -> Iterator[str]:
    for node in nodes:
        name = ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Call) and name in {"Route", "Mount", "route"} and node.args:
            first = node.args[0]
            own = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
            if own is None:
                continue
            if name == "Mount":
                yield from _routes(ast.iter_child_nodes(node), prefix + own.rstrip("/"))
            elif _answers_get(node):
                yield re.sub("//+", "/", prefix + own)
            continue
        yield from _routes(ast.iter_child_nodes(node), prefix)


def _answers_get(call: ast.Call) -> bool:
    methods = next((ast.unparse(each.value) for each in call.keywords if each.arg == "methods"), "GET")
    return "GET" in methods
