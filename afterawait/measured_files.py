"""Which files [tool.afterawait].source names, links in it followed as imports follow them. Driver, test process.

coverage.py knows a file by its real name, and looks for files without following links: a module or a package that is
linked into the source from elsewhere would be imported, and neither measured nor missed.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from pathlib import Path


def python_files(place: Path) -> Iterator[Path]:
    """The Python files of one entry of `source`: those that coverage.py finds in a folder, or the one that it is.

    What a link leads to has the name that it has below `place`.
    """
    yield from (path for path in python_names(place) if path.is_file())


def python_names(place: Path) -> Iterator[Path]:
    """The same, and what only has the name of one: a link to nowhere."""
    if place.is_file():
        yield place
        return
    from coverage.files import find_python_files

    for folder in (place, *_linked_packages(place)):
        yield from sorted(map(Path, find_python_files(str(folder), include_namespace_packages=True)))


@functools.cache
def places(root: Path, source: tuple[str, ...]) -> list[Path]:
    """The real folders and files that are measured: of `source`, and what links in it lead to elsewhere."""
    found: list[Path] = []
    for each in source:
        found.append((root / each).resolve())
        for path in _links(root / each):
            real = path.resolve()
            if not any(real.is_relative_to(known) for known in found):
                found.append(real)
    return found


def links(root: Path, source: tuple[str, ...]) -> dict[str, str]:
    """The links in `source` by whose targets something else is measured: both named from the root, if below it."""
    beyond = places(root, source)[len(source) :]
    return {
        os.path.relpath(path, root): _named(path.resolve(), root)
        for each in source
        for path in _links(root / each)
        if path.resolve() in beyond
    }


def _links(place: Path) -> list[Path]:
    """Links in a folder to Python files and packages outside of it."""
    found = _linked_packages(place)
    real = place.resolve()
    for folder in [place, *found]:
        for path in folder.rglob("*.py") if folder.is_dir() else ():
            if path.is_symlink() and path.is_file() and not path.resolve().is_relative_to(real):
                found.append(path)
    return found


def _linked_packages(place: Path) -> list[Path]:
    """Links to regular packages, which imports follow; not to one that `place` lies in, which would have no end."""
    found: list[Path] = []
    seen = [place.resolve()]
    waiting = [place]
    while waiting:
        for top, folders, _ in os.walk(waiting.pop()):
            for path in (Path(top, name) for name in sorted(folders)):
                real = path.resolve()
                known = any(real.is_relative_to(each) or each.is_relative_to(real) for each in seen)
                if path.is_symlink() and not known and (real / "__init__.py").is_file():
                    found.append(path)
                    seen.append(real)
                    waiting.append(path)
    return found


def _named(path: Path, root: Path) -> str:
    return os.path.relpath(path, root) if path.is_relative_to(root) else str(path)
