"""The database that the settings ask for, and the variables through which the application gets it. Driver process."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from afterawait.adoption.database_names import Names, scheme
from afterawait.adoption.project import Project
from afterawait.adoption.reach import Reach
from afterawait.adoption.trees import dotted, nodes, of_type

PARTS_OF_URL = "{db.user}:{db.password}@{db.host}:{db.port}/{db.name}"
MADE_BY_RUNS = {
    *("postgresql", "postgres", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg_async"),
    *("postgresql+psycopg2", "postgresql+pg8000", "sqlite", "sqlite+aiosqlite", "sqlite+pysqlite"),
}
SHORT = {"postgresql+asyncpg": "postgresql", "sqlite+aiosqlite": "sqlite"}
IN_SOURCE = re.compile(r"(postgres(?:ql)?|sqlite)(?:\+\w+)?://.*")
IN_SETTINGS = re.compile(r"(?:postgres(?:ql)?)(?:\+\w+)?://[^\s\"']+")
SETTINGS = {".yaml", ".yml", ".toml", ".ini", ".json", ".cfg", ".conf"}
IN_MEMORY = re.compile(r":memory:|mode=memory|^sqlite[^/]*:/{0,3}(\?.*)?$")


@dataclass
class Database:
    """`setting` is the value of the key `database`, "" where there is to be none."""

    setting: str = ""
    env: dict[str, str] = field(default_factory=dict)
    hard_coded: list[tuple[str, str]] = field(default_factory=list)
    """URLs and files that stand in the source itself, each with its place: no variable leads elsewhere."""


def find(project: Project, reach: Reach, names: Names, given: Mapping[str, str]) -> Database:
    """What the application's variables, its source and its packages say of its database."""
    if not names:
        return Database(hard_coded=list(_hard_coded(reach.trees)) or list(_configured(project, reach)))
    if names.files:
        return Database("sqlite:", {each.name: "{db.name}" for each in names.files})
    kind = driver(project, reach, names, given)
    found = Database(SHORT.get(kind, f"{kind}:"))
    for name, placeholder in names.parts.items():
        found.env[name] = f"{{{placeholder}}}"
    for variable in names.urls:
        value = given.get(variable.name) or variable.default
        own = scheme(value) or kind
        typed = variable.kind.removesuffix(" | None") not in {"str", "SecretStr", "Optional[str]"}
        if own not in MADE_BY_RUNS or (typed and kind.startswith("postgres")):  # such types want a host
            found.env[variable.name] = f"{own if scheme(value) else kind}://{PARTS_OF_URL}"
        else:
            found.env[variable.name] = "{db.url}"
    if kind not in MADE_BY_RUNS:
        found.setting = "postgresql"
    return found


def kinds(
    names: Names, enumerations: Mapping[str, list[str]], given: Mapping[str, str], setting: str
) -> Mapping[str, str]:
    """What the variables that choose between kinds of databases are to say: PostgreSQL, where a run makes that one."""
    found = {}
    for variable in names.kinds if setting.startswith("postgres") else ():
        members = enumerations.get(variable.kind.removesuffix(" | None"), [])
        now = given.get(variable.name) or variable.default
        other = isinstance(now, str) and now.lower() in {"sqlite", "sqlite3", "mysql", "mariadb"}
        chosen = next((each for each in members if each.lower().startswith("postgres")), "postgresql" if other else "")
        if chosen and now != chosen:
            found[variable.name] = chosen
    return found


def driver(project: Project, reach: Reach, names: Names, given: Mapping[str, str]) -> str:
    """The scheme of the URLs that the application wants: "postgresql+asyncpg"."""
    schemes = [scheme(given.get(each.name)) or scheme(each.default) for each in names.urls]
    source = "\n".join(project.text(path) for path in reach.modules)
    if production := _postgres_of_compose(project):
        schemes = [each for each in schemes if not each.startswith("sqlite")]
    written = [each for each in schemes if each]
    if written and not (written[0] == "sqlite" and "aiosqlite" in source and "sqlite+aiosqlite" in source):
        return written[0]
    lite = not production and not names.parts and uses(project, "aiosqlite") and not uses(project, "asyncpg", "psycopg")
    kinds = ("sqlite",) if lite else ("postgresql",)
    stated: list[str] = [
        each for each in re.findall(r"\b((?:postgresql|sqlite)\+\w+)\b", source) if each.startswith(kinds)
    ]
    transformed = re.search(r"\.(replace|sub|startswith|removeprefix|set)\(", source)
    if stated and not (names.urls and transformed and not names.parts):
        return stated[0]
    if names.urls and transformed and stated:
        return stated[0].partition("+")[0]
    return _by_packages(project, source, lite=lite)


def _by_packages(project: Project, source: str, *, lite: bool) -> str:
    asynchronous = "create_async_engine" in source
    if lite:
        return "sqlite+aiosqlite" if asynchronous else "sqlite"
    if asynchronous:
        return (
            "postgresql+asyncpg" if uses(project, "asyncpg") or not uses(project, "psycopg") else "postgresql+psycopg"
        )
    if "create_engine" in source and uses(project, "psycopg") and not uses(project, "psycopg2"):
        return "postgresql+psycopg"
    return "postgresql"


def uses(project: Project, *packages: str) -> bool:
    """Whether the project depends on one of them; psycopg2 is not psycopg."""
    return any(re.search(rf"(?<![\w-]){each}(?:-binary)?(?![\w-])", project.declared) for each in packages)


def _postgres_of_compose(project: Project) -> bool:
    return any(image.startswith(("postgres", "postgis", "pgvector", "timescale")) for image, _ in images(project))


def images(project: Project) -> list[tuple[str, str]]:
    """The images of the compose files, without registry and version, and where each is named."""
    found = []
    above = sorted(project.root.parent.glob("*compose*.y*ml")) if not project.has(".git") else []
    here = [project.root / path for path in project.files if path.match("*compose*.y*ml")]
    for path in [*here, *above]:
        for number, line in enumerate(project.text(path).splitlines(), 1):
            if match := re.match(r"\s*image:\s*[\"']?([^\s\"']+)", line):
                name = PurePath(match[1].partition("@")[0]).name.partition(":")[0]
                found.append((name, f"{path.name}:{number}"))
    return found


def _configured(project: Project, reach: Reach) -> Iterable[tuple[str, str]]:
    """The URLs in files of settings that the source names."""
    source = "\n".join(project.text(path) for path in reach.modules)
    for path in (each for each in project.files if each.suffix in SETTINGS and each.name in source):
        for number, line in enumerate(project.text(path).splitlines(), 1):
            if (found := IN_SETTINGS.search(line)) and not line.lstrip().startswith(("#", ";", "//")):
                yield found[0], f"{path}:{number}"


def _hard_coded(trees: Iterable[tuple[PurePath, ast.Module]]) -> Iterable[tuple[str, str]]:
    for path, tree in trees:
        parts = {part for node in of_type(tree, ast.JoinedStr) for part in node.values}
        for node in nodes(tree):
            if (
                node not in parts
                and isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and IN_SOURCE.fullmatch(node.value)
            ):
                if not IN_MEMORY.search(node.value):
                    yield node.value, f"{path}:{node.lineno}"
            elif isinstance(node, ast.Call) and dotted(node.func) in {"sqlite3.connect", "aiosqlite.connect"}:
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value != ":memory:":
                    yield f"sqlite:///{first.value}", f"{path}:{node.lineno}"
