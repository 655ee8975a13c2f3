"""A project's files, read and never imported: its modules, their syntax trees, its import roots. Driver process."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any

from afterawait import settings_table
from afterawait.adoption.trees import of_type

MOST_FILES = 20_000  # a folder with more is no project, or holds what no project's own code is
LARGEST = 1_000_000  # bytes of a file that is read
NOT_OURS = {"node_modules", "venv", "env", "virtualenv", "build", "dist", "site-packages", "__pycache__", "htmlcov"}
ASIDE = {"test", "tests", "e2e", "testing", "docs", "examples"}
PROJECT_FILES = ("pyproject.toml", "requirements.txt", "setup.py", "setup.cfg", "Pipfile")


class Project:
    """One project in `root`. All paths are relative to it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._trees: dict[str | PurePath, ast.Module] = {}

    @cached_property
    def pyproject(self) -> dict[str, Any]:
        """pyproject.toml, empty where there is none. Raises EnvironmentFault with its line where it is no TOML."""
        return settings_table.document(self.root / "pyproject.toml") if self.has("pyproject.toml") else {}

    @cached_property
    def files(self) -> list[PurePath]:
        """Every file that may be the project's own, those near the root first."""
        found: list[PurePath] = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = sorted(each for each in folders if self._is_own(Path(folder, each)))
            found += [PurePath(os.path.relpath(Path(folder, name), self.root)) for name in sorted(names)]
            if len(found) > MOST_FILES:
                break
        return sorted(found, key=lambda path: len(path.parts))

    @cached_property
    def modules(self) -> list[PurePath]:
        """The Python files that are not tests."""
        return [path for path in self.files if path.suffix == ".py" and not is_test(path)]

    @cached_property
    def members(self) -> list[str]:
        """The folders of a uv workspace."""
        workspace = self.table("tool", "uv", "workspace")
        patterns, without = workspace.get("members") or [], workspace.get("exclude") or []
        found = [path for each in patterns for path in sorted(self._matched(each)) if path.is_dir()]
        left_out = {path for each in without for path in self._matched(each)}
        return [os.path.relpath(path, self.root) for path in dict.fromkeys(found) if path not in left_out]

    @cached_property
    def import_roots(self) -> list[str]:
        """The folders that the project's modules are likely imported from: its root, src, its members' likewise."""
        places = [os.curdir, *self.members]
        return [
            os.path.normpath(Path(place, each))
            for place in places
            for each in (".", "src")
            if self._is_root(place, each)
        ]

    @cached_property
    def declared(self) -> str:
        """The text of every file that names packages the project depends on."""
        names = [path for path in self.files if path.name in PROJECT_FILES or path.match("requirements*.txt")]
        return "\n".join(map(self.text, names))

    def table(self, *keys: str) -> dict[str, Any]:
        """A table of pyproject.toml, empty where it has none."""
        found: Any = self.pyproject
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def has(self, name: str | PurePath) -> bool:
        """Whether a file or folder stands there."""
        return (self.root / name).exists()

    def text(self, path: str | PurePath) -> str:
        """What a file holds, "" where it cannot be read."""
        try:
            small = (self.root / path).stat().st_size <= LARGEST
            return (self.root / path).read_text(encoding="utf-8", errors="replace") if small else ""
        except (OSError, ValueError):
            return ""

    def tree(self, path: str | PurePath) -> ast.Module:
        """The syntax tree of a module, empty where it has none."""
        if path not in self._trees:
            try:
                self._trees[path] = ast.parse((self.root / path).read_bytes())
            except (OSError, SyntaxError, ValueError, RecursionError):
                self._trees[path] = ast.Module([], [])
        return self._trees[path]

    def find_module(self, name: str, near: str = os.curdir) -> tuple[str, PurePath] | None:
        """The import root and the file of a module, looked for from the folder `near` first."""
        further = [str(path.parent) for path in self.modules if len(path.parts) in {2, 3}]
        roots = [near, os.path.normpath(Path(near, "src")), *self.import_roots, *further]
        for root in dict.fromkeys(roots):
            if path := self.module_in(root, name):
                return root, path
        return None

    def module_in(self, root: str, name: str) -> PurePath | None:
        """The file of a module below an import root."""
        if not all(part.isidentifier() for part in name.split(".")):
            return None
        base = PurePath(root, *name.split("."))
        candidates = (base.with_name(f"{base.name}.py"), base / "__init__.py")
        return next((each for each in candidates if (self.root / each).is_file()), None)

    def name_of(self, path: PurePath) -> tuple[str, str]:
        """The import root of a module and its dotted name from there."""
        root = max(
            (each for each in self.import_roots if path.is_relative_to(each)),
            key=lambda each: len(PurePath(each).parts),
        )
        for name in top_names(self.tree(path)):
            if (
                not self._is_elsewhere(name)
                and not self.has(PurePath(root, name))
                and not self.module_in(root, name)
                and self._stands(path.parent, name)
            ):
                root = str(path.parent)  # what stands beside it is imported without the folder's name
        parts = path.relative_to(root).with_suffix("").parts
        return root, ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)

    def _is_elsewhere(self, name: str) -> bool:
        """Whether the standard library has a module of that name, or a package that the project depends on."""
        declared = re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", self.declared, re.IGNORECASE)
        return name in sys.stdlib_module_names or declared is not None

    def _stands(self, folder: PurePath, name: str) -> bool:
        return self.module_in(str(folder), name) is not None or (self.root / folder / name).is_dir()

    def _matched(self, pattern: str) -> list[Path]:
        try:
            return list(self.root.glob(pattern))
        except (NotImplementedError, TypeError, ValueError):  # an absolute one, an empty one, none at all
            return []

    def _is_root(self, place: str, each: str) -> bool:
        folder = self.root / place / each
        if each == ".":
            return True
        named = any(each in top_names(self.tree(path)) for path in self.modules if path.is_relative_to(place))
        return folder.is_dir() and not (folder / "__init__.py").exists() and not named

    def _is_own(self, folder: Path) -> bool:
        hidden = folder.name.startswith(".") and folder.name not in {".vscode", ".devcontainer"}
        return not (hidden or folder.name in NOT_OURS or (folder / "pyvenv.cfg").exists() or folder.is_symlink())


def is_test(path: PurePath) -> bool:
    """Whether a Python file is a test, or lies among tests or examples."""
    return bool(ASIDE & set(path.parts[:-1])) or path.name.startswith("test_") or path.name == "conftest.py"


def top_names(tree: ast.AST) -> set[str]:
    """The first parts of all that a module imports by absolute names."""
    return {name.split(".")[0] for name in imported(tree)}


def imported(tree: ast.AST) -> Iterator[str]:
    """The absolute names that a module imports; `from a import b` may name a module `a.b`."""
    for plain in of_type(tree, ast.Import):
        yield from (alias.name for alias in plain.names)
    for node in of_type(tree, ast.ImportFrom):
        if node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
