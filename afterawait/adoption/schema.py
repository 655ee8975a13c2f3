"""The commands that make the schema: a prestart script, Alembic, a function of the source. Driver process."""

from __future__ import annotations

import ast
import configparser
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath

from afterawait.adoption.commands import SERVERS, with_commands
from afterawait.adoption.project import Project
from afterawait.adoption.reach import Reach

HARMLESS = re.compile(r"^(#.*|set\b.*|echo\b.*|cd\b.*|export\b.*|exit\b.*|)$")
COMMAND = re.compile(r"^(?:(?:exec|uv run|poetry run|pdm run)\s+)*((?:python3?|alembic|aerich)\s.*)$")
MAKES = {"create_all", "generate_schemas"}
MIGRATIONS = {"aerich upgrade": "aerich", "piccolo migrations forwards all": "piccolo_conf.py"}
"""The command that makes a schema, and the sign of its tool: a table below [tool], or a file."""
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Schema:
    """`commands` for the key `setup`, none where the application makes its schema itself; `where` is what said so."""

    commands: list[str] = field(default_factory=list)
    where: str = ""
    unknown: bool = False
    """Nothing says how the schema is made."""


def find(project: Project, reach: Reach, app: str) -> Schema:
    """How the project, which serves `app`, makes its schema."""
    return (
        _prestart(project)
        or _litestar(project, reach, app)
        or _alembic(project)
        or _migrations(project)
        or _create_all(project, reach)
        or Schema(unknown=True)
    )


def _litestar(project: Project, reach: Reach, app: str) -> Schema | None:
    """Advanced Alchemy's migrations, which run by a command of Litestar's alone."""
    for path in reach.modules:
        text = project.text(path)
        if "AlembicAsyncConfig(" in text or "AlembicSyncConfig(" in text:
            name = app.removesuffix("()")
            return Schema([f"litestar --app {name} database upgrade --no-prompt"], str(path))
    return None


def _prestart(project: Project) -> Schema | None:
    for path in project.files:
        if path.suffix != ".sh" or "prestart" not in path.name.replace("-", "").replace("_", ""):
            continue
        lines = [line.strip() for line in project.text(path).replace("\\\n", " ").splitlines()]
        commands = [match[1] for line in lines if (match := COMMAND.match(line))]
        others = [line for line in lines if not COMMAND.match(line) and not HARMLESS.match(line)]
        if not commands or others or any(SERVERS & set(each.split()) for each in commands):
            continue
        folder = path.parent.parent if path.parent.name == "scripts" else path.parent
        return Schema([_in_folder(str(folder), each) for each in commands], str(path))
    return None


def _in_folder(folder: str, command: str) -> str:
    """The command as it is run from the project's root; no shell, whose PATH may lead to another environment."""
    program, _, arguments = command.partition(" ")
    if folder == os.curdir:
        return command
    if program != "alembic":
        script, _, others = arguments.partition(" ")
        return f"python {folder}/{script} {others}".rstrip() if script.endswith(".py") else command
    call = f"os.chdir('{folder}'); alembic.config.main({shlex.split(arguments)})"
    return f'python -c "import alembic.config, os; {call}"'


def _alembic(project: Project) -> Schema | None:
    if project.table("tool", "alembic") and not project.has("alembic.ini"):
        return Schema(["alembic upgrade head"], "[tool.alembic] in pyproject.toml")
    for path in project.files:
        if path.name != "alembic.ini":
            continue
        folder = str(path.parent)
        place = _script_location(project.text(path))
        versions = project.root / folder / place.replace("%(here)s/", "") / "versions"
        if place and versions.parent.is_dir() and not any(versions.glob("*.py")):
            continue  # nothing to upgrade to
        if folder == os.curdir:
            command = "alembic upgrade head"
        elif "%(here)s" in place or project.has(place):
            command = f"alembic -c {path} upgrade head"
        else:
            command = _in_folder(folder, "alembic upgrade head")
        return Schema([command], str(path))
    return None


def _migrations(project: Project) -> Schema | None:
    """Those of an object mapper's own tool, where a command of the project runs them, or its settings are here."""
    for path in with_commands(project):
        for command in MIGRATIONS:
            if command in project.text(path):
                return Schema([command], str(path))
    for command, sign in MIGRATIONS.items():
        if project.table("tool", sign):
            return Schema([command], f"[tool.{sign}] in pyproject.toml")
        if found := next((path for path in project.files if path.name == sign), None):
            return Schema([command], str(found))
    return None


def _script_location(text: str) -> str:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
        return parser.get("alembic", "script_location", fallback="")
    except configparser.Error:
        return ""


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
        for node in ast.walk(tree):
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
    return f"python -m {name.removesuffix('.__main__')}" if root in project.import_roots else f"python {path}"


def _call(project: Project, path: PurePath, function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    _, name = project.name_of(path)
    call = f"{name}.{function.name}()"
    if isinstance(function, ast.AsyncFunctionDef):
        return f'python -c "import asyncio, {name}; asyncio.run({call})"'
    return f'python -c "import {name}; {call}"'
