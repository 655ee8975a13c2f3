"""The start hook of this checkout (afterawait/agent/hook.py says what it does), for what it did not install itself in.

The interpreter imports it because a run puts the project's root first on PYTHONPATH. It then runs the sitecustomize
that it shadows (a distribution's or another tool's), so that nobody else's start-up is lost.
"""

import os
import sys

from afterawait.agent import hook


def _run_the_shadowed_one() -> None:
    import importlib.util
    from importlib.machinery import PathFinder

    path = [os.path.abspath(entry or os.curdir) for entry in sys.path]
    here = os.path.dirname(os.path.abspath(__file__))
    # Only what comes after: two checkouts on one path, each looking everywhere, would run each other without end.
    after = path[path.index(here) + 1 :] if here in path else []
    spec = PathFinder.find_spec("sitecustomize", [entry for entry in after if entry != here])
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


hook.start()
_run_the_shadowed_one()
