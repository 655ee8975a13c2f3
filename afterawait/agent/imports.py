"""Calls a function as soon as a module has been imported. In measured processes.

What is to be changed in a library is changed where the application imports it: nothing is imported for it, and who
imports nothing pays nothing. The module's loader stays what it is, for whoever reads sources or resources through it.
"""

from __future__ import annotations

import _thread
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

from afterawait.agent.record import complain

Patch = Callable[[ModuleType], None]


def after(patches: Mapping[str, Patch]) -> None:
    """Call each patch with the module of that name, at once where it is imported already. Raises nothing."""
    sys.meta_path.insert(0, _Finder(patches))
    for name, patch in patches.items():
        if name in sys.modules:
            _apply(patch, sys.modules[name])


class _Finder:
    """Finds nothing itself: it asks the finders behind it, and has the last word in the import of what it knows."""

    def __init__(self, patches: Mapping[str, Patch]) -> None:
        self._patches = patches
        self._finding: set[tuple[int, str]] = set()

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Of the modules that are not patched it knows nothing: that is what every import pays for."""
        patch = self._patches.get(name)
        if patch is None:
            return None
        asked = (_thread.get_ident(), name)
        if asked in self._finding:
            return None  # by a finder that asks all others as well
        self._finding.add(asked)
        try:
            spec = self._find(name, path, target)
        finally:
            self._finding.discard(asked)
        if spec is not None:
            _hook(spec, patch)
        return spec

    def _find(self, name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        for finder in list(sys.meta_path):
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find is not None and finder is not self else None
            if spec is not None:
                return spec
        return None


def _hook(spec: ModuleSpec, patch: Patch) -> None:
    """Let the import of `spec` end with `patch`."""
    execute = getattr(spec.loader, "exec_module", None)
    if execute is None:
        return

    def execute_and_patch(module: ModuleType) -> None:
        execute(module)
        if module.__name__ == spec.name:  # a loader may be that of several modules
            _apply(patch, module)

    try:
        spec.loader.exec_module = execute_and_patch  # type: ignore[union-attr, method-assign]
    except AttributeError as error:
        complain(f"{spec.name} cannot be watched", error)


def _apply(patch: Patch, module: ModuleType) -> None:
    try:
        patch(module)
    except Exception as error:  # another version than those known: the application must run
        complain(f"{module.__name__} cannot be watched", error)
