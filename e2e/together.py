"""With -n: which tests stay together, on one test process. Controller of pytest-xdist.

A marker `xdist_group` does it no more: pytest-xdist writes the group into the id, where pytest 9.2 does not read it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    import pytest


class ModulesTogether(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """The tests of each of these files go to one process, the largest file first; then all others, one by one."""

    def __init__(self, config: pytest.Config, log: Any, files: Collection[str]) -> None:
        super().__init__(config, log)
        self._files = files

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file.rpartition("/")[2] in self._files else nodeid
