"""Command lines: what options of ours take, and what pytest's may leave out. Driver and test process."""

from __future__ import annotations

import argparse
from collections.abc import Iterable


def positive(text: str) -> int:
    """A number of processes. Raises argparse.ArgumentTypeError, as option types do."""
    if not (text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes: 1 or more")
    return int(text)


def shard(text: str) -> tuple[int, int]:
    """ "i/n" as (i, n), with 1 <= i <= n. Raises argparse.ArgumentTypeError, as option types do."""
    index, slash, count = text.partition("/")
    if not (slash and index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
        raise argparse.ArgumentTypeError(f"{text!r} is no shard: write 1/3, 2/3 or 3/3 for a third")
    return int(index), int(count)


# Options of pytest that change how a run of everything looks, and not what runs.
HARMLESS = (
    "-q",
    "-v",
    "-s",
    "-l",
    "--quiet",
    "--verbose",
    "--pdb",
    "--showlocals",
    "--strict-config",
    "--strict-markers",
)
HARMLESS_WITH_VALUE = (
    "-n",
    "-p",
    "-r",
    "--basetemp",
    "--capture",
    "--color",
    "--dist",
    "--durations",
    "--tb",
    "--timeout",
)
# pytest-split's: which share it is, is looked at elsewhere.
DIVIDING = ("--splits", "--group", "--durations-path", "--splitting-algorithm")
DIVIDING_ALONE = ("--store-durations", "--clean-durations")


def beyond_whole_runs(options: Iterable[str]) -> list[str]:
    """What of pytest's command line might leave tests out: all that is not known to leave none out."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for name in (*HARMLESS, *DIVIDING_ALONE, "--shared-server", "--afterawait-shared-server"):
        parser.add_argument(name, action="count")
    for name in (
        *HARMLESS_WITH_VALUE,
        *DIVIDING,
        "--workers",
        "--server-workers",
        "--shard",
        "--afterawait-shard",
        "--randomly-seed",
        "--maxfail",
        "--durations-min",
    ):
        parser.add_argument(name)
    parser.add_argument("-x", "--exitfirst", action="count")
    try:
        return parser.parse_known_args(list(options))[1]
    except argparse.ArgumentError as error:
        return [str(error)]
