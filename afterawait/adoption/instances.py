"""Applications in the source: objects made at import, factories, calls of `uvicorn.run`. Driver process."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from afterawait.adoption.project import Project
from afterawait.adoption.trees import dotted, of_type

FRAMEWORKS = ("FastAPI", "Litestar", "Starlette", "Quart")
NAMES = ("app", "application", "api", "asgi")
MODULES = ("main", "app", "asgi", "application", "server", "api", "__init__", "__main__")


@dataclass(frozen=True)
class Instance:
    """An application: a name in a module, or a function that makes one."""

    path: PurePath
    name: str
    framework: str
    line: int
    factory: bool = False

    @property
    def likely(self) -> tuple[int, ...]:
        """Sorts the likeliest first."""
        return (
            self.factory,
            NAMES.index(self.name) if self.name in NAMES else len(NAMES),
            MODULES.index(self.path.stem) if self.path.stem in MODULES else len(MODULES),
            len(self.path.parts),
        )


def find(project: Project) -> list[Instance]:
    """All of them, the likeliest first."""
    frameworks = _frameworks(project)
    makers = [each for path in project.modules for each in _makers(project, path, frameworks)]
    by_name = {each.name: each for each, _ in makers}
    found = [each for each, alone in makers if alone]
    for path in project.modules:
        found += _objects(project, path, frameworks, by_name)
    return sorted(found, key=lambda each: each.likely)


def run_by(project: Project) -> Iterator[tuple[str, str]]:
    """What the source itself gives to uvicorn: "module:attribute" and where it stands."""
    for path in project.modules:
        for call in of_type(project.tree(path), ast.Call):
            if dotted(call.func) not in {"uvicorn.run", "uvicorn.Config", "granian.Granian", "Granian"}:
                continue
            first = (
                call.args[0] if call.args else next((each.value for each in call.keywords if each.arg == "app"), None)
            )
            factory = any(each.arg == "factory" and ast.unparse(each.value) == "True" for each in call.keywords)
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and ":" in first.value:
                yield first.value + "()" * factory, f"{path}:{call.lineno}"


def _frameworks(project: Project) -> dict[str, str]:
    """The classes whose objects are applications, the project's own subclasses too, and the framework of each."""
    known = {each: each for each in FRAMEWORKS}
    classes = [node for path in project.modules for node in of_type(project.tree(path), ast.ClassDef)]
    for node in classes:
        for base in node.bases:
            if (framework := known.get(dotted(base).rpartition(".")[2])) is not None:
                known[node.name] = framework
    return known


def _made(node: ast.AST | None, frameworks: dict[str, str]) -> str | None:
    """The framework of the application that an expression makes."""
    if not isinstance(node, ast.Call):
        return None
    return frameworks.get(dotted(node.func).rpartition(".")[2])


def _assigned(body: list[ast.stmt]) -> Iterator[tuple[str, ast.expr | None, int]]:
    for node in body:
        if isinstance(node, ast.Assign):
            yield from ((each.id, node.value, node.lineno) for each in node.targets if isinstance(each, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node.value, node.lineno
        elif isinstance(node, ast.If | ast.Try):
            yield from _assigned(node.body)


def _objects(
    project: Project, path: PurePath, frameworks: dict[str, str], makers: dict[str, Instance]
) -> Iterator[Instance]:
    seen: set[str] = set()
    body = [node for node in project.tree(path).body if not _is_main(node)]
    for name, value, line in _assigned(body):
        framework = _made(value, frameworks)
        if framework is None and isinstance(value, ast.Call):
            maker = makers.get(dotted(value.func).rpartition(".")[2])
            framework = maker.framework if maker is not None else None
        if framework is not None and name not in seen:
            seen.add(name)
            yield Instance(path, name, framework, line)


def _is_main(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)


def _makers(project: Project, path: PurePath, frameworks: dict[str, str]) -> Iterator[tuple[Instance, bool]]:
    """Functions that return an application, and whether each can be called without arguments."""
    tree = project.tree(path)
    makes = any(_made(each, frameworks) for each in of_type(tree, ast.Call))  # hardly any module of many does
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef):
            continue
        returned = frameworks.get(ast.unparse(node.returns).strip("'\"").rpartition(".")[2]) if node.returns else None
        inner = {name: _made(value, frameworks) for name, value, _ in _assigned(node.body)}
        for each in ast.walk(node) if makes else ():
            if isinstance(each, ast.Return) and each.value is not None:
                returned = returned or _made(each.value, frameworks) or inner.get(dotted(each.value))
        if returned is not None:
            needed = len(node.args.posonlyargs) + len(node.args.args) - len(node.args.defaults)
            alone = not needed and None not in node.args.kw_defaults
            yield Instance(path, node.name, returned, node.lineno, factory=True), alone
