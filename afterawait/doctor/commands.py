"""Commands as they stand in code: their words, and what kind of Python program each is. Driver process."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from afterawait.doctor.source_code import called

SERVERS = ("uvicorn", "fastapi", "gunicorn", "hypercorn", "granian", "flask", "daphne")
WORKERS = ("celery", "arq", "taskiq", "dramatiq", "rq", "huey_consumer", "opentelemetry-instrument")
RUNNERS = ("uv", "poetry", "pdm", "hatch", "pipenv", "rye")
PYTHON = re.compile(r"python[\d.]*(\.exe)?")
DEEPEST = 4  # lists in lists, and names of names
TEXTS = (ast.List, ast.Tuple, ast.Constant, ast.JoinedStr, ast.BinOp)


def program(words: list[str], scripts: Mapping[str, str]) -> tuple[str, str]:
    """What kind of Python program a command is, and which module or file it runs; "" where it is none."""
    words = [each for each in words if each]
    while words and ("=" in words[0] or words[0] in {"env", "exec", "nohup", "time", "sudo"}):
        words = words[1:]
    if words and PurePath(words[0]).name in RUNNERS and "run" in words[:3]:
        words = words[words.index("run") + 1 :]
        while words and words[0].startswith("-"):
            words = words[1:]
    if not words:
        return "", ""
    name = PurePath(words[0]).name
    if PYTHON.fullmatch(name):
        return _of_python(words[1:])
    if name == "coverage":
        return "coverage", ""
    if name in SERVERS or name in WORKERS:
        return name, _application(words[1:])
    if name in scripts:
        return "module", scripts[name].partition(":")[0]
    return "", ""


def _of_python(words: list[str]) -> tuple[str, str]:
    while words and words[0].startswith("-") and words[0] not in {"-m", "-c"}:
        words = words[2:] if words[0] in {"-X", "-W"} else words[1:]
    if not words:
        return "", ""
    if words[0] == "-m" and len(words) > 1:
        name = words[1].partition(".")[0]
        if name == "coverage":
            return "coverage", ""
        return (name, _application(words[2:])) if name in SERVERS + WORKERS else ("module", words[1])
    if words[0] == "-c":
        return "code", words[1] if len(words) > 1 else ""
    return "file", words[0]


def _application(words: list[str]) -> str:
    """The module or file that a server is told to serve: "shop.main" of `shop.main:app`."""
    named = re.compile(r"([A-Za-z_][\w.]*):[A-Za-z_][\w.]*(\(\))?")
    found = next((match for match in map(named.fullmatch, words) if match), None)
    return found[1] if found else next((each for each in words if each.endswith(".py")), "")


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


def split(text: str) -> list[str]:
    """A command's words, as a shell splits them."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def texts_of(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Names that are given a text or a list once, wherever that is."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Assign) and isinstance(node.value, TEXTS)):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, node.value
