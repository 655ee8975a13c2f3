"""Which tests a run has: the shares that machines run apart, and why a run is partial. Test process, xdist worker."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from afterawait import arguments
from afterawait.faults import EnvironmentFault
from afterawait.plugin import test_id
from afterawait.runs.shards import digest_of

# Options that leave tests out before they are collected: what they leave out cannot be counted.
NARROWING = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "stepwise")

# Where the paths come from in a run of everything: the project's testpaths, or without them the project's root.
WHOLE = (pytest.Config.ArgsSource.TESTPATHS, pytest.Config.ArgsSource.INVOCATION_DIR)

# Options with which pytest collects tests and runs none.
LOOKING = ("collectonly", "showfixtures", "show_fixtures_per_test", "setupplan")

COLLECTED = pytest.StashKey[dict[str, Any]]()
"""What the share was chosen from, as it stands in the manifest."""

PYTEST_SPLIT = "pytestsplitplugin"
"""The name under which pytest-split's plugin is there where it divides the tests."""


def share(names: Iterable[str], chosen: tuple[int, int]) -> set[str]:
    """The names of one share: every n-th of them in order of name, so that any order of `names` gives the same."""
    index, count = chosen
    return set(sorted(set(names))[index - 1 :: count])


def keep_share(config: pytest.Config, items: list[pytest.Item], chosen: tuple[int, int]) -> None:
    """Leave this shard's share in `items`, which are all that would run."""
    names = [test_id.name(item) for item in items]
    config.stash[COLLECTED] = collected(config, items, names)
    kept = share(names, chosen)
    every = list(zip(items, names, strict=True))
    items[:] = [item for item, name in every if name in kept]
    config.hook.pytest_deselected(items=[item for item, name in every if name not in kept])


class BeforePytestSplit:
    """Notes what pytest-split chooses from. It is registered before that, so that its turn is right before it."""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Note what is there, if it is to be divided."""
        if _of_pytest_split(config):
            config.stash[COLLECTED] = collected(config, items, [test_id.name(item) for item in items])


def shard_of(config: pytest.Config) -> tuple[int, int] | None:
    """Which share of how many this run has, ours or pytest-split's. Raises EnvironmentFault where both divide."""
    ours: tuple[int, int] | None = config.option.afterawait_shard
    theirs = _of_pytest_split(config)
    if ours and theirs:
        message = "The tests are divided twice: by --shard, and by pytest-split's --splits and --group."
        raise EnvironmentFault(message, hint="Give one of the two.")
    return ours or theirs


def _of_pytest_split(config: pytest.Config) -> tuple[int, int] | None:
    if not config.pluginmanager.has_plugin(PYTEST_SPLIT):
        return None
    return config.option.group, config.option.splits


def collected(config: pytest.Config, items: Sequence[pytest.Item], names: Sequence[str]) -> dict[str, Any]:
    """How many tests there are, a digest of their `names`, and one of the files that hold them and of conftests."""
    files = {}
    for path, name in sorted({(item.path, item.nodeid.partition("::")[0]) for item in items} | _conftests(config)):
        try:
            files[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            files[name] = ""
    return {"tests": len(names), "names": digest_of(names), "files": digest_of(f"{k} {v}" for k, v in files.items())}


def _conftests(config: pytest.Config) -> set[tuple[Path, str]]:
    """The conftest.py that were loaded, as a fixture in one says what a test does; each with its name from the root."""
    paths = {Path(str(getattr(each, "__file__", ""))) for each in config.pluginmanager.get_plugins()}
    return {(each, os.path.relpath(each, config.rootpath)) for each in paths if each.name == "conftest.py"}


def divided(config: pytest.Config, items: Sequence[pytest.Item]) -> dict[str, Any]:
    """What the manifest of a shard says of its tests: those that it chose from, and its share; {} for no shard."""
    if COLLECTED not in config.stash:
        return {}
    return {"divided_of": config.stash[COLLECTED], "share": sorted(map(test_id.name, items))}


def why_partial(config: pytest.Config, ours: Collection[str]) -> str:
    """Why what was asked for may leave tests out, "" for a run of everything; `ours` are options that we gave."""
    narrowed = [name for name in NARROWING if getattr(config.option, name, None)]
    if narrowed:
        return f"tests were selected ({', '.join(narrowed)})"
    if config.args_source not in WHOLE:
        return f"tests were selected ({' '.join(config.args)})"
    others = arguments.beyond_whole_runs(each for each in config.invocation_params.args if each not in ours)
    return f"it was not a plain run of everything ({' '.join(others)})" if others else ""


def runs_none(config: pytest.Config) -> bool:
    """Whether pytest was only asked which tests there are, or the like."""
    return any(getattr(config.option, each, False) for each in LOOKING)
