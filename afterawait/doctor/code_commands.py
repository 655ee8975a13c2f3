"""Commands as they stand in code: their words, as far as these are known before it runs. Driver process."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from afterawait.commands.lines import split
from afterawait.doctor.source_code import called

DEEPEST = 4  # lists in lists, and names of names
TEXTS = (ast.List, ast.Tuple, ast.Constant, ast.JoinedStr, ast.BinOp)


def words_of(node: ast.expr, texts: Mapping[str, ast.expr], depth: int = 0) -> list[str]:
    """The words of a command as far as they stand in the code; what is only known at run time is left out."""
    if depth > DEEPEST:
        return []
    if parts := _parts(node):
        words = [word for each in parts for word in words_of(each, texts, depth + 1)]
        is_path = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
        return ["/".join(words)] if is_path else words
    if isinstance(node, ast.Constant | ast.JoinedStr):
        text = _text(node)
        return split(text) if depth == 0 else [text]
    if isinstance(node, ast.Name) and node.id in texts:
        return words_of(texts[node.id], texts, depth)
    if ast.unparse(node) in {"sys.executable", "executable", "PYTHON", "python", "str(sys.executable)"}:
        return ["python"]
    return _of_call(node, texts, depth) if isinstance(node, ast.Call) else []


def _parts(node: ast.expr) -> list[ast.expr]:
    """Of a list, a tuple, a sum, or what is spread."""
    if isinstance(node, ast.List | ast.Tuple):
        return node.elts
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    return [node.value] if isinstance(node, ast.Starred) else []


def _of_call(node: ast.Call, texts: Mapping[str, ast.expr], depth: int) -> list[str]:
    """`str(...)`, `shlex.split(...)`, `"...".split()`."""
    if node.args and called(node) in {"str", "split", "fspath"}:
        return words_of(node.args[0], texts, depth)
    if called(node) == "split" and isinstance(node.func, ast.Attribute):
        return words_of(node.func.value, texts, 0)
    return []


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_part(each) for each in node.values)
    return node.value if isinstance(node.value, str) else ""


def _part(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "python" if "executable" in ast.unparse(node) else "0"


def texts_of(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Names that are given a text or a list once, wherever that is."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Assign) and isinstance(node.value, TEXTS)):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
