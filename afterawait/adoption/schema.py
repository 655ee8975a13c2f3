"""How the schema is made: by a start script, by migrations, by a function of the source. Driver process."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Iterator
from pathlib import PurePath

from afterawait.adoption import migrations
from afterawait.adoption.project import Project
from afterawait.adoption.reach import Reach
from afterawait.adoption.schema_commands import Schema, of_scripts
from afterawait.adoption.trees import nodes

MAKES = {"create_all", "generate_schemas"}
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def find(project: Project, reach: Reach, app: str) -> Schema:
    """How the project, which serves `app`, makes its schema."""
    return (
        of_scripts(project)
        or migrations.of_litestar(project, reach, app)
        or migrations.of_alembic(project)
        or migrations.of_others(project)
        or _create_all(project, reach)
        or Schema(unknown=True)
    )


def _create_all(project: Project, reach: Reach) -> Schema | None:
    """A function that calls `create_all`: nothing to do where something calls it, else a command that does."""
    modules = [*reach.modules, *(path for path in project.modules if path not in reach.modules)]
    for path in modules:
        for where, function in _makers(project.tree(path)):
            line = f"{path}:{where.lineno}"
            if function is None:
                main = path not in reach.modules or _in_main(project.tree(path), where)
                return Schema([_run(project, path)] if main else [], line)
            if _is_called(reach, function):
                return Schema([], line)
            if _has_main(project.tree(path)):
                return Schema([_run(project, path)], line)
            needed = len(function.args.args) - len(function.args.defaults)
            if not needed and path in reach.modules:
                return Schema([_call(project, path, function)], line)
    return None


def _makers(tree: ast.Module) -> Iterator[tuple[ast.expr, ast.FunctionDef | ast.AsyncFunctionDef | None]]:
    """Where `create_all` is named, and the outermost function around it."""
    for node in tree.body:
        for each in ast.walk(node):
            asked = isinstance(each, ast.Call) and any(
                key.arg in MAKES and ast.unparse(key.value) == "True" for key in each.keywords
            )
            if isinstance(each, ast.expr) and (asked or (isinstance(each, ast.Attribute) and each.attr in MAKES)):
                yield each, node if isinstance(node, DEFINITIONS) else None


def _is_called(reach: Reach, function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether anything that the application imports names the function; a lifespan or a hook is given, not called."""
    if function.decorator_list:
        return True
    for _, tree in reach.trees:
        for node in nodes(tree):
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
            if name == function.name and not _in_main(tree, node):
                return True
    return False


def _in_main(tree: ast.Module, wanted: ast.AST) -> bool:
    return any(each is wanted for main in _mains(tree) for each in ast.walk(main))


def _mains(tree: ast.Module) -> list[ast.If]:
    return [node for node in tree.body if isinstance(node, ast.If) and "__main__" in ast.unparse(node.test)]


def _has_main(tree: ast.Module) -> bool:
    return bool(_mains(tree))


def _run(project: Project, path: PurePath) -> str:
    root, name = project.name_of(path)
    return (
        f"python -m {name.removesuffix('.__main__')}"
        if root in project.import_roots
        else f"python {shlex.quote(str(path))}"
    )


def _call(project: Project, path: PurePath, function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    _, name = project.name_of(path)
    call = f"{name}.{function.name}()"
    if isinstance(function, ast.AsyncFunctionDef):
        return f'python -c "import asyncio, {name}; asyncio.run({call})"'
    return f'python -c "import {name}; {call}"'
