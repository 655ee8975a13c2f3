"""Files that a plugin of coverage.py traces: what it says of them is coverage.py's to report, and no witness sees it.

Driver process. A plugin may also claim Python files, modules that are generated from templates, say: their lines are
then the templates'.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import coverage


class FileTracers:
    """The plugins of a coverage configuration that trace files; none without one."""

    def __init__(self, cov: coverage.Coverage | None = None) -> None:
        self._plugins: list[Any] = []
        names = cov.get_option("run:plugins") if cov is not None else None
        if cov is not None and isinstance(names, list):
            from coverage.plugin_support import Plugins

            plugins = Plugins()
            plugins.load_from_config([str(each) for each in names], cov.config)
            self._plugins = list(plugins.file_tracers)

    def claim(self, name: str) -> bool:
        """Whether one of them says what the lines of this Python file are."""
        for plugin in self._plugins:
            with contextlib.suppress(Exception):  # a plugin's own, which coverage.py meets as well
                if plugin.file_tracer(name) is not None:
                    return True
        return False
