"""Which code is measured, by `co_filename` as coverage.py decides it. In measured processes; the verdict's rule too."""

from __future__ import annotations

import os
from collections.abc import Iterable

from coverage.files import GlobMatcher, TreeMatcher, canonical_filename, prep_patterns


class Sources:
    """The measured folders (absolute), less what coverage.py is told to omit (its patterns)."""

    def __init__(self, folders: Iterable[str], omit: Iterable[str] = ()) -> None:
        self._folders = TreeMatcher([os.path.realpath(folder) for folder in folders], "source")  # noqa: PTH
        self._omitted = GlobMatcher(prep_patterns(list(omit)), "omit")
        self._known: dict[str, str | None] = {}

    def canonical(self, filename: str) -> str | None:
        """The absolute name under which a `co_filename` is measured; None where it is not.

        Generated code counts under the name it was compiled with, if that is a measured file's.
        """
        try:
            return self._known[filename]
        except KeyError:
            self._known[filename] = name = self._decide(filename)
            return name

    def _decide(self, filename: str) -> str | None:
        if not filename or filename.startswith(("<", "memory:")):
            return None
        name = canonical_filename(filename)
        return name if self._folders.match(name) and not self._omitted.match(name) else None
