"""Which modules of the project an application imports, directly or not: what counts. Driver process."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path, PurePath

from afterawait.adoption.application import Application
from afterawait.adoption.project import Project, imported
from afterawait.adoption.trees import of_type


class Reach:
    """The modules that the application imports, with the import root of each."""

    def __init__(self, project: Project, application: Application) -> None:
        self._project = project
        self._roots = list(dict.fromkeys([application.root, *project.import_roots]))
        self.modules: dict[PurePath, str] = {}
        self._found: dict[str, tuple[PurePath, str] | None] = {}
        waiting = [(application.path, application.root)]
        while waiting:
            path, root = waiting.pop()
            if path in self.modules:
                continue
            self.modules[path] = root
            waiting += self._imports(path, root)
        self._application = application

    @property
    def path(self) -> list[str]:
        """The import roots that a run does not know by itself, the application's first."""
        known = [each for each in (os.curdir, "src") if self._project.has(each)]
        used = list(dict.fromkeys([self._application.root, *self.modules.values()]))
        return used if any(each not in known for each in used) else []

    @property
    def source(self) -> list[str]:
        """The packages and modules that are reached, from the project's root, the application's first."""
        found = [str(_top(path, root)) for path, root in self.modules.items()]
        return list(dict.fromkeys(found))

    @property
    def trees(self) -> Iterator[tuple[PurePath, ast.Module]]:
        """The syntax trees of what is reached."""
        for path in self.modules:
            yield path, self._project.tree(path)

    def _imports(self, path: PurePath, root: str) -> Iterator[tuple[PurePath, str]]:
        tree = self._project.tree(path)
        for name in [*imported(tree), *_relative(tree, path, root)]:
            parts = name.split(".")
            for end in range(1, len(parts) + 1):
                if found := self._find(".".join(parts[:end])):
                    yield found

    def _find(self, name: str) -> tuple[PurePath, str] | None:
        if name not in self._found:
            places = ((self._project.module_in(root, name), root) for root in self._roots)
            self._found[name] = next(((path, root) for path, root in places if path is not None), None)
        return self._found[name]


def _relative(tree: ast.Module, path: PurePath, root: str) -> Iterator[str]:
    """The names that `from . import a` and the like stand for."""
    package = path.relative_to(root).parts[:-1]
    for node in of_type(tree, ast.ImportFrom):
        if node.level:
            base = [*package[: len(package) - node.level + 1], *filter(None, [node.module])]
            yield ".".join(base)
            yield from (".".join([*base, alias.name]) for alias in node.names)


def _top(path: PurePath, root: str) -> Path:
    """The package or module right below the import root."""
    return Path(root, path.relative_to(root).parts[0])
