"""The measured sources as a person reads them: the lines that hold code, each line in colours. Page process.

A file is known by its number here; no name or path from a request is ever opened.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from io import StringIO
from pathlib import Path

from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Text, _TokenType

from afterawait.evidence.code_lines import lines_of
from afterawait.measured_files import python_files

_COLOURED: tuple[tuple[_TokenType, _TokenType], ...] = (
    (Comment, Comment),
    (String.Doc, String.Doc),
    (String, String),
    (Number, Number),
    (Keyword, Keyword),
    (Operator.Word, Keyword),
    (Name.Decorator, Name.Decorator),
    (Name.Function, Name.Function),
    (Name.Class, Name.Function),
    (Name.Builtin, Name.Builtin),
)
"""Kinds of tokens that have a colour, and whose it is. All else is plain text: an element less for the browser."""


@dataclass
class Source:
    """One measured file: `code` are the lines that can run; `broken` says why it cannot be read, "" if it can."""

    number: int
    name: str
    path: Path
    text: str
    sha256: str
    code: frozenset[int]
    broken: str = ""


class Sources:
    """Every measured file below `root`. A file keeps its number as long as the page lives, whatever comes or goes."""

    def __init__(self, root: Path, folders: Sequence[str]) -> None:
        self.root = root
        self._folders = folders
        self.files: dict[int, Source] = {}
        self.known: dict[int, Source] = {}
        """Those that are gone as well, as they were last seen: they may come back."""
        self._numbers: dict[Path, int] = {}
        self._stamps: dict[Path, tuple[int, int]] = {}
        self.refresh()

    def refresh(self) -> tuple[bool, dict[int, str]]:
        """Read again what was touched on disk. Whether anything was, and which files hold another text than before:
        their numbers, and the absolute names that the witness knows them by."""
        stamps = dict(self._stat())
        touched = {path for path in stamps.keys() | self._stamps.keys() if stamps.get(path) != self._stamps.get(path)}
        self._stamps = stamps
        changed = {}
        for path in sorted(touched):
            number = self._numbers.setdefault(path, len(self._numbers))
            self.files.pop(number, None)
            if path in stamps:
                source = self.files[number] = self._read(number, path)
                before = self.known.get(number)
                self.known[number] = source
                if before is not None and before.sha256 != source.sha256:
                    changed[number] = str(path)
        return bool(touched), changed

    def _stat(self) -> Iterator[tuple[Path, tuple[int, int]]]:
        for folder in self._folders:
            top = (self.root / folder).resolve()
            for path in python_files(top):
                with contextlib.suppress(OSError):  # removed at this moment
                    status, found = path.stat(), path.resolve()
                    if found.is_relative_to(top):  # a link to elsewhere is not measured
                        yield found, (status.st_mtime_ns, status.st_size)

    def _read(self, number: int, path: Path) -> Source:
        name = path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.name
        name = name.encode("utf-8", "replace").decode()  # a name in another encoding
        try:
            raw = path.read_bytes()
            digest = hashlib.sha256(raw).hexdigest()
            code = frozenset(lines_of(compile(raw, str(path), "exec", dont_inherit=True)))
            return Source(number, name, path, raw.decode("utf-8", "replace"), digest, code)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
            return Source(number, name, path, "", "", frozenset(), str(error) or type(error).__name__)

    def by_path(self) -> dict[str, Source]:
        """The files by the absolute name that the witness knows them by."""
        return {str(source.path): source for source in self.files.values()}

    def by_name(self) -> dict[str, Source]:
        """The files by their name below the root."""
        return {source.name: source for source in self.files.values()}


@lru_cache(maxsize=16)
def coloured(text: str) -> tuple[str, ...]:
    """The lines of a Python source as HTML, everything escaped, with Pygments' classes for colours behind "p-"."""
    tokens = ((_colour(kind), value) for kind, value in PythonLexer(stripnl=False, ensurenl=False).get_tokens(text))
    written = StringIO()
    HtmlFormatter(nowrap=True, classprefix="p-").format(tokens, written)
    return tuple(written.getvalue().removesuffix("\n").split("\n"))


@cache
def _colour(kind: _TokenType) -> _TokenType:
    return next((of for each, of in _COLOURED if kind in each), Text)
