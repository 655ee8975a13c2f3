"""The variables that pydantic-settings classes read: names as the environment has them. Driver process."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from afterawait.adoption.project import Project
from afterawait.adoption.trees import dotted, of_type
from afterawait.adoption.variable import UNKNOWN, Variable, literal

NOT_FIELDS = ("ClassVar", "model_config")
DEEPEST = 4  # nested models


@dataclass
class _Model:
    """A class of pydantic's: its fields, and what says how settings are read."""

    node: ast.ClassDef
    path: PurePath
    bases: list[str]
    options: dict[str, Any] = field(default_factory=dict)


def variables(project: Project, paths: Iterable[PurePath]) -> Iterator[Variable]:
    """Those of every settings class in these modules; classes of one name in several modules are kept apart."""
    paths = list(paths)
    by_path = {
        path: {node.name: _model(node, path) for node in of_type(project.tree(path), ast.ClassDef)} for path in paths
    }
    everywhere = {name: model for here in by_path.values() for name, model in here.items()}
    inherited = {base for here in by_path.values() for model in here.values() for base in model.bases}
    used = _instantiated(project, paths)
    for here in by_path.values():
        models = everywhere | here
        for name in (each for each in here if _is_settings(each, models)):
            if name not in inherited or name in used:
                options = _options(name, models)
                yield from _fields(name, models, str(options.get("env_prefix") or ""), options)


def env_files(project: Project, paths: Iterable[PurePath]) -> set[str]:
    """The names of the .env files that settings classes read."""
    found: set[str] = set()
    for path in paths:
        for node in of_type(project.tree(path), ast.ClassDef):
            named = _model(node, path).options.get("env_file")
            found |= {each for each in (named if isinstance(named, list | tuple) else [named]) if isinstance(each, str)}
    return found


def _model(node: ast.ClassDef, path: PurePath) -> _Model:
    model = _Model(node, path, [dotted(base).rpartition(".")[2] for base in node.bases])
    for each in node.body:
        if isinstance(each, ast.Assign | ast.AnnAssign) and "model_config" in ast.unparse(each).partition("=")[0]:
            model.options = _pairs(each.value)
        elif isinstance(each, ast.ClassDef) and each.name == "Config":
            assigned = [inner for inner in each.body if isinstance(inner, ast.Assign)]
            model.options = {ast.unparse(inner.targets[0]): literal(inner.value) for inner in assigned}
    return model


def _pairs(value: ast.expr | None) -> dict[str, Any]:
    if isinstance(value, ast.Call):
        return {each.arg: literal(each.value) for each in value.keywords if each.arg}
    if isinstance(value, ast.Dict):
        return {str(literal(key)): literal(each) for key, each in zip(value.keys, value.values, strict=True) if key}
    return {}


def _is_settings(name: str, models: Mapping[str, _Model], *, root: str = "BaseSettings", depth: int = 0) -> bool:
    """Whether a class is derived from pydantic's `root`."""
    if name == root:
        return True
    model = models.get(name)
    bases = model.bases if model is not None and depth < DEEPEST else []
    return any(_is_settings(each, models, root=root, depth=depth + 1) for each in bases)


def _instantiated(project: Project, paths: Iterable[PurePath]) -> set[str]:
    calls = (node for path in paths for node in of_type(project.tree(path), ast.Call))
    return {dotted(node.func).rpartition(".")[2] for node in calls}


def _options(name: str, models: Mapping[str, _Model], depth: int = 0) -> dict[str, Any]:
    model = models.get(name)
    if model is None or depth > DEEPEST:
        return {}
    options: dict[str, Any] = {}
    for base in reversed(model.bases):
        options |= _options(base, models, depth + 1)
    return options | model.options


def _fields(
    name: str, models: Mapping[str, _Model], prefix: str, options: Mapping[str, Any], depth: int = 0
) -> Iterator[Variable]:
    model = models.get(name)
    if model is None or depth > DEEPEST:
        return
    for base in model.bases:
        yield from _fields(base, models, prefix, options, depth + 1)
    for node in model.node.body:
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        kind = ast.unparse(node.annotation)
        if node.target.id.startswith("_") or any(each in f"{node.target.id} {kind}" for each in NOT_FIELDS):
            continue
        given = _field(node.value, kind)
        full = given.get("name") or prefix + node.target.id
        inner = kind.removesuffix(" | None").strip("'\"")
        delimiter = options.get("env_nested_delimiter")
        own = _is_settings(inner, models)
        if delimiter and (own or _is_settings(inner, models, root="BaseModel")):
            inside = list(_fields(inner, models, f"{full}{delimiter}", options, depth + 1))
            yield from (each if given["required"] else each.optional() for each in inside)
        elif not own:
            cased = full if options.get("case_sensitive") is True else full.upper()
            where = f"{model.path}:{node.lineno}"
            yield Variable(cased, where, given["required"], kind, given["default"], given["least"], node.target.id)


def _field(value: ast.expr | None, kind: str) -> dict[str, Any]:
    """What a field's value says: its variable's own name, whether it has a default and which, its least value."""
    if kind.startswith("Annotated[") and value is None:
        calls = [node for node in ast.walk(ast.parse(kind)) if isinstance(node, ast.Call)]
        value = next((node for node in calls if ast.unparse(node.func).endswith("Field")), None)
    if not (isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] == "Field"):
        default = literal(value) if value is not None else None
        return {"required": value is None, "default": default, "least": None}
    options = {each.arg: each.value for each in value.keywords if each.arg}
    default = value.args[0] if value.args else options.get("default")
    required = "default_factory" not in options and (default is None or ast.unparse(default) == "...")
    least = next((literal(options[each]) for each in ("ge", "gt") if each in options), None)
    return {
        "name": next(filter(None, (_alias(options.get(each)) for each in ("validation_alias", "alias", "env"))), None),
        "required": required,
        "default": None if required or default is None else literal(default),
        "least": least if least is not UNKNOWN else None,
    }


def _alias(value: ast.expr | None) -> str | None:
    texts = [node.value for node in ast.walk(value) if isinstance(node, ast.Constant)] if value is not None else []
    return next((each for each in texts if isinstance(each, str)), None)
