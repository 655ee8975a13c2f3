"""Whether an application is started in another folder than the project's: by files it names. Driver process."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePath

from afterawait.adoption.application import Application
from afterawait.adoption.project import Project
from afterawait.adoption.reach import Reach
from afterawait.adoption.trees import dotted, of_type

OPENING = {"StaticFiles", "Jinja2Templates", "FileSystemLoader", "FileResponse", "open", "Path", "load_dotenv"}
KEYWORDS = {"directory", "env_file", "path", "file", "dotenv_path"}


def of(project: Project, application: Application, reach: Reach) -> tuple[str, str]:
    """The folder, where a file that the source names is there and not in the project's; and where it is named."""
    if application.root == ".":
        return "", ""
    for path, tree in reach.trees:
        for name, line in _named(tree):
            if project.has(PurePath(application.root, name)) and not project.has(name):
                return application.root, f"{path}:{line} names {name}"
    return "", ""


def _named(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Relative names of files and folders, as the calls that open them have them."""
    for call in of_type(tree, ast.Call):
        known = dotted(call.func).rpartition(".")[2] in OPENING
        given = [each.value for each in call.keywords if each.arg == "env_file" or (known and each.arg in KEYWORDS)]
        for node in [*call.args[: int(known)], *given]:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value[:1] not in {"", "/"}:
                yield node.value, node.lineno
