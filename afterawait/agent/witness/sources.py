"""Which code the witness watches, by `co_filename` as coverage.py decides it. In measured processes."""

from __future__ import annotations

import os
from collections.abc import Iterable

from coverage.files import GlobMatcher, canonical_filename, prep_patterns
from coverage.python import PythonFileReporter

from afterawait import protocol


def is_python(name: str) -> bool:
    """Whether coverage.py takes a file for Python: templates are compiled too, and their lines are not theirs."""
    return name.endswith(".py") or bool(PythonFileReporter(name).should_be_python())


class Sources:
    """The measured folders and single files (absolute), less what coverage.py's own patterns leave out."""

    def __init__(self, folders: Iterable[str], omit: Iterable[str] = (), include: Iterable[str] = ()) -> None:
        self._folders = tuple(canonical_filename(folder) + os.sep for folder in folders if folder)
        self._omitted = GlobMatcher(prep_patterns(list(omit)), "omit")
        included = prep_patterns(list(include))
        self._included = GlobMatcher(included, "include") if included else None
        self._known: dict[str, str | None] = {}
        self._places: dict[str, str] = {}

    def canonical(self, filename: str, module_file: str | None = None) -> str | None:
        """The absolute name under which a `co_filename` is measured; None where it is not.

        Generated code counts under the name it was compiled with, if that is a measured file's. A relative name is
        that of its module's `__file__`, where both end alike.
        """
        try:
            return self._known[filename]
        except KeyError:
            if module_file and not os.path.isabs(filename) and not filename.startswith("<"):
                same = os.path.basename(module_file) == os.path.basename(filename)
                name = self._decide(module_file if same else filename)
            else:
                name = self._decide(filename)
            self._known[filename] = name
            return name

    def _decide(self, filename: str) -> str | None:
        if not filename or filename.startswith(("<", "memory:")):
            return None
        try:
            name = self._absolute(filename)
        except (OSError, ValueError):  # a name that no file can have
            return None
        if os.path.basename(name) == protocol.CANARY:
            return None  # it looks like the application to coverage.py alone
        if not is_python(name):
            return None
        if not (name + os.sep).startswith(self._folders) or self._omitted.match(name):
            return None
        return name if self._included is None or self._included.match(name) else None

    def _absolute(self, filename: str) -> str:
        """coverage.py's canonical name, with each folder resolved once: thousands of files lie in few."""
        folder, name = os.path.split(filename)
        if not folder.startswith(os.sep) or os.path.islink(filename):
            return canonical_filename(filename)
        if folder not in self._places:
            self._places[folder] = canonical_filename(folder)
        return os.path.join(self._places[folder], name)
