"""Which tests a run has: the shares that machines run apart, and why a run is partial. Test process."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pytest

from afterawait import arguments

# Options that leave tests out before they are collected: what they leave out cannot be counted.
NARROWING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise")

# Where the paths come from in a run of everything: the project's testpaths, or without them the project's root.
WHOLE = (pytest.Config.ArgsSource.TESTPATHS, pytest.Config.ArgsSource.INVOCATION_DIR)


def share(names: Iterable[str], chosen: tuple[int, int]) -> set[str]:
    """The names of one share: every n-th of them in order of name, so that any order of `names` gives the same."""
    index, count = chosen
    return set(sorted(names)[index - 1 :: count])


def why_partial(config: pytest.Config, ours: Collection[str]) -> str:
    """Why what was asked for may leave tests out, "" for a run of everything; `ours` are options that we gave."""
    narrowed = [name for name in NARROWING if getattr(config.option, name, None)]
    if narrowed:
        return f"tests were selected ({', '.join(narrowed)})"
    if config.args_source not in WHOLE:
        return f"tests were selected ({' '.join(config.args)})"
    others = arguments.beyond_whole_runs(each for each in config.invocation_params.args if each not in ours)
    return f"it was not a plain run of everything ({' '.join(others)})" if others else ""
