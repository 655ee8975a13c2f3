"""Cutting a suite into shares that machines run apart. Test process."""

from __future__ import annotations

import argparse
from collections.abc import Iterable


def parse(text: str) -> tuple[int, int]:
    """ "i/n" as (i, n), with 1 <= i <= n. Raises argparse.ArgumentTypeError, as option types do."""
    index, slash, count = text.partition("/")
    if not (slash and index.isdigit() and count.isdigit() and 1 <= int(index) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is no shard: write 1/3, 2/3 or 3/3 for a third")
    return int(index), int(count)


def share(names: Iterable[str], chosen: tuple[int, int]) -> set[str]:
    """The names of one share: every n-th of them in order of name, so that any order of `names` gives the same."""
    index, count = chosen
    return set(sorted(names)[index - 1 :: count])
