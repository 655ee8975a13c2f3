"""What scripts/bench.sh can be told, and how much work that means for each part. Benchmark process."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from e2e import command_line
from e2e.bench.load import CONNECTIONS

PARTS = ("server", "suite", "scale", "start")
QUICK_TESTS = ("e2e/tests/test_tags.py", "e2e/tests/test_profiles.py")
RESULTS = Path("docs/bench")

EPILOG = """\
server: CPU a request in each measurement mode, requests a second, p50, p99, memory, start to ready
suite:  wall time of the end-to-end tests, bare and measured; as every run does, it replaces .coverage and the reports
scale:  verdict, combine, reports and who ran a line, of up to 10,000 tests by 50,000 lines
start:  of a process with 5,000 measured files, and of afterawait --help
all:    all of these; with --quick in less than 2 minutes

Exit status: 0 measured, 1 the application or a test failed, 4 the environment is at fault, 130 interrupted.
Whether a bar is met is told, and changes no exit status.
"""


@dataclass(frozen=True)
class Options:
    """The parts to run, and what was asked for; the properties are the amount of each part."""

    parts: tuple[str, ...]
    quick: bool
    json: bool
    write: Path | None
    modes: list[str] | None
    rounds: int | None
    requests: int | None

    @property
    def of_server(self) -> tuple[int, int, int]:
        """Rounds, requests a round and endpoint, starts of each mode's server."""
        rounds = self.rounds or (2 if self.quick else 24)
        return rounds, self.requests or (20 if self.quick else 48), 1 if rounds < 4 else 3  # noqa: PLR2004

    @property
    def of_suite(self) -> tuple[int, tuple[str, ...]]:
        """Rounds, and which tests (none: all)."""
        return (1, QUICK_TESTS) if self.quick else (self.rounds or 3, ())


def parse(given: Sequence[str]) -> Options:
    """The command line; ends the process with status 4 where it makes no sense."""
    parser = command_line.Parser(
        prog="scripts/bench.sh",
        description="What measuring costs, on this machine.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", nargs="?", choices=(*PARTS, "all"), help="server, unless --quick or --write: then all")
    parser.add_argument("--quick", action="store_true", help="less of everything: an impression, no measurement")
    parser.add_argument("--json", action="store_true", help="figures for a machine")
    keep = f"keep the figures, tables and plots in DIR ({RESULTS}); parts that are not run stay as they are there"
    parser.add_argument("--write", nargs="?", type=Path, const=RESULTS, metavar="DIR", help=keep)
    only = "server: only this measurement mode and bare; repeatable"
    parser.add_argument("--mode", action="append", metavar="NAME", help=only)
    parser.add_argument("--rounds", type=_number, metavar="N", help="interleaved rounds (server 24, suite 3)")
    parser.add_argument("--requests", type=_some, metavar="N", help="server: in a round, of each mode (48)")
    found = parser.parse_args(given)
    part = found.what or ("all" if found.quick or found.write else "server")
    return Options(
        PARTS if part == "all" else (part,),
        found.quick,
        found.json,
        found.write,
        found.mode,
        found.rounds,
        found.requests,
    )


def _number(text: str) -> int:
    """Raises argparse.ArgumentTypeError, as option types do."""
    if not (text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rounds: 1 or more")
    return int(text)


def _some(text: str) -> int:
    """At least one a connection and warming up. Raises argparse.ArgumentTypeError."""
    if not text.isdigit() or int(text) < 2 * CONNECTIONS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of requests: {2 * CONNECTIONS} or more")
    return int(text)
