"""The variables that the source reads from `os.environ`, and by the libraries that read like it. Driver process."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePath

from afterawait.adoption.trees import dotted, of_type
from afterawait.adoption.variable import UNKNOWN, Variable, literal

NAME = re.compile(r"[A-Z][A-Z0-9_]+")
MAPPINGS = {"os.environ", "environ"}
READS = {"os.environ.get", "environ.get", "os.getenv", "getenv"}
LIBRARIES = {"config", "env", "env.str", "env.int", "env.bool", "env.url", "env.list", "Env.str", "decouple.config"}
"""starlette.config and decouple, environs and django-environ: without a default, they raise."""
OWN = re.compile(r"(?:\w+\.)*(?:get_?env|env)(?:_\w+)?")
"""What projects call functions of their own that read a variable."""
NUMBERS = {"int": "int", "float": "float", "env.int": "int"}


def variables(path: PurePath, tree: ast.Module) -> Iterator[Variable]:
    """Those of one module."""
    wrapped = {
        id(node.args[0]): NUMBERS[dotted(node.func)]
        for node in of_type(tree, ast.Call)
        if node.args and dotted(node.func) in NUMBERS
    }
    checked = _checked(tree)
    prefixes = _prefixes(tree)
    for node in (*of_type(tree, ast.Subscript), *of_type(tree, ast.Call)):
        where = f"{path}:{getattr(node, 'lineno', 0)}"
        kind = wrapped.get(id(node), "str")
        if isinstance(node, ast.Subscript) and dotted(node.value) in MAPPINGS:
            name = literal(node.slice)
            if _is_name(name) and isinstance(node.ctx, ast.Load):
                yield Variable(name, where, required=True, kind=kind)
        elif isinstance(node, ast.Call) and node.args and _is_name(name := literal(node.args[0])):
            function = dotted(node.func)
            default = _default(node)
            if function in READS:
                alone = default is None
                yield Variable(name, where, alone and (id(node) in wrapped or name in checked), kind, default)
            elif function in LIBRARIES:
                kind = NUMBERS.get(function) or next(
                    (ast.unparse(each.value) for each in node.keywords if each.arg == "cast"), kind
                )
                given = len(node.args) > 1 or any(each.arg == "default" for each in node.keywords)
                yield Variable(prefixes.get(id(node), "") + name, where, not given, kind, default)
            elif OWN.fullmatch(function):
                yield Variable(name, where, False, kind, default)


def _prefixes(tree: ast.Module) -> dict[int, str]:
    """What environs puts before the names in a block: `with env.prefixed("SHOP_"):`, by call; blocks in blocks too."""
    found: dict[int, str] = {}
    for block in of_type(tree, ast.With):
        for call in (each.context_expr for each in block.items if isinstance(each.context_expr, ast.Call)):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "prefixed" and call.args:
                prefix = literal(call.args[0])
                inside = [node for each in block.body for node in ast.walk(each) if isinstance(node, ast.Call)]
                found |= {id(node): found.get(id(node), "") + str(prefix) for node in inside}
    return found


def _is_name(name: object) -> bool:
    return isinstance(name, str) and NAME.fullmatch(name) is not None


def _default(call: ast.Call) -> object:
    given = (
        call.args[1]
        if len(call.args) > 1
        else next((each.value for each in call.keywords if each.arg == "default"), None)
    )
    return None if given is None else literal(given)


def _checked(tree: ast.Module) -> set[str]:
    """The variables whose absence the module itself turns into an error: `if not SECRET: raise ...`."""
    read = {
        target.id: literal(node.value.args[0])
        for node in of_type(tree, ast.Assign)
        if isinstance(node.value, ast.Call) and node.value.args
        if dotted(node.value.func) in READS
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found: set[str] = set()
    for node in of_type(tree, ast.If):
        if any(isinstance(each, ast.Raise) for each in node.body):
            names = {each.id for each in ast.walk(node.test) if isinstance(each, ast.Name)}
            found |= {read[name] for name in names & read.keys() if read[name] is not UNKNOWN}
    return found
