"""A place in the source as people write it: FILE, FILE:LINE, FILE:FIRST-LAST, MODULE:FUNCTION. Driver process."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from afterawait.faults import EnvironmentFault

_LINES = re.compile(r"(\d+)(?:-(\d+))?")
_FORMS = "Give FILE:LINE, FILE:FIRST-LAST, MODULE:FUNCTION or FILE."
END = 10**9


@dataclass(frozen=True)
class Location:
    """Lines `first` to `last` of a file; `whole` where no lines were named."""

    path: Path
    name: str
    first: int = 1
    last: int = END
    whole: bool = False

    def __str__(self) -> str:
        lines = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return self.name if self.whole else f"{self.name}:{lines}"


def locate(text: str, root: Path, import_roots: Iterable[Path] = ()) -> Location:
    """The location that `text` names: a file below `root`, or a module on the import roots, else below `root`.

    Raises EnvironmentFault where there is none.
    """
    before, colon, after = text.rpartition(":")
    if not colon or _is_file(root, text):
        return Location(_file(root, text), text, whole=True)
    if match := _LINES.fullmatch(after):
        first = int(match[1])
        last = int(match[2] or first)
        if not 0 < first <= last:
            raise EnvironmentFault(f"{after} names no lines.", hint=_FORMS)
        return Location(_file(root, before), before, first, last)
    path = _file(root, before) if _is_file(root, before) else _module([*import_roots, root], before)
    name = str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
    first, last = _function(path, after)
    return Location(path, name, first, last)


def _is_file(root: Path, name: str) -> bool:
    try:
        return (root / name).is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _file(root: Path, name: str) -> Path:
    if not _is_file(root, name):
        raise EnvironmentFault(f"{name} is no file here.", hint=_FORMS)
    return (root / name).resolve()


def _module(roots: Iterable[Path], name: str) -> Path:
    base = "/".join(name.split("."))
    for root in roots:
        for path in (root / base / "__init__.py", root / f"{base}.py"):
            if _is_file(root, str(path)):
                return path.resolve()
    raise EnvironmentFault(f"{name} is no file and no module here.", hint=_FORMS)


def _function(path: Path, name: str) -> tuple[int, int]:
    try:
        body: ast.AST = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError) as error:
        raise EnvironmentFault(f"{path} cannot be read: {error}.", hint="Fix it.") from None
    for part in name.split("."):
        found = [each for each in ast.walk(body) if getattr(each, "name", None) == part and hasattr(each, "body")]
        if not found:
            raise EnvironmentFault(f"{path} defines no {name}.", hint=_FORMS)
        body = found[0]
    decorators = [each.lineno for each in getattr(body, "decorator_list", ())]
    return min([body.lineno, *decorators]), body.end_lineno or body.lineno  # type: ignore[attr-defined]
