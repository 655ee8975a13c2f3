"""Command lines of the drivers: a wrong one is a fault of the environment (4), not coverage that is missing (2)."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import NoReturn, override

from afterawait.faults import Status


class Parser(argparse.ArgumentParser):
    """argparse's parser with this project's exit status."""

    @override
    def error(self, message: str) -> NoReturn:
        self.exit(Status.ENVIRONMENT, f"environment (4): {message}.\n    See {self.prog} --help.\n")


def positive(text: str) -> int:
    """A number of processes. Raises argparse.ArgumentTypeError, as option types do."""
    if not (text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes: 1 or more")
    return int(text)


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


def beyond_whole_runs(options: Iterable[str]) -> list[str]:
    """What of pytest's command line might leave tests out: all that is not known to leave none out."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    for name in HARMLESS:
        parser.add_argument(name, action="count")
    for name in (
        *HARMLESS_WITH_VALUE,
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
