"""The command behind scripts/bench.sh: what measuring costs, on this machine. Benchmark process."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from e2e.bench import growth, live, scale, table
from e2e.bench.lanes import lanes
from e2e.bench.load import CONNECTIONS, ENDPOINTS
from e2e.bench.rounds import Runner, measure, running
from e2e.harness import arguments, settings, status, terminal
from e2e.harness.errors import ApplicationFault, E2EError, EnvironmentFault
from e2e.harness.fleet import Fleet
from e2e.harness.rundir import RunFolder
from e2e.harness.settings import Settings
from e2e.harness.status import Finding

GROWING = ("bare", "witness", "--fast")


def main(given_arguments: Sequence[str]) -> int:
    """Measure and print; returns the exit status."""
    given = _parser().parse_args(given_arguments)
    try:
        known = settings.load(Path.cwd())
        place = known.state / "bench"  # apart: servers of a benchmark must not hold up a run
        place.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place, prefix="run-") as folder:
            _show(given.what, given, known, Path(folder))
    except E2EError as fault:
        terminal.conclude([Finding.of(fault)])
        return fault.status
    except RuntimeError as error:  # a request that was not answered as it should be
        do = "Run scripts/e2e.sh first: the application may be broken."
        terminal.conclude([Finding.of(ApplicationFault(f"{error}.", do=do))])
        return status.Status.TESTS
    except KeyboardInterrupt:
        return status.Status.INTERRUPTED
    return status.Status.GOOD


def _show(what: str, given: argparse.Namespace, known: Settings, folder: Path) -> None:
    if what == "scale":
        who = scale.who(folder / "who", tests=10_000, lines=1000)
        start = scale.start(folder / "start", files=5000)
        told = table.scale(who, start)
        figures: object = {"who": asdict(who), "start": asdict(start)}
    elif what == "live":
        watched = live.measure(known, folder, given.rounds or 40, given.requests or 100, _say)
        told, figures = table.live(watched), asdict(watched)
    elif what == "growth":
        with _servers(known, folder, GROWING) as runners:
            grown = growth.measure(runners, given.requests or 20_000, _say)
        told = table.growth(grown)
        figures = [asdict(each) for each in grown]
    else:
        with _servers(known, folder, given.lane) as runners:
            measure(runners, ENDPOINTS, given.rounds or 12, given.requests or 200, _say)
            rows = table.rows(runners)
        told = table.server(rows)
        figures = [asdict(row) for row in rows]
    _say("")
    print(json.dumps(figures, indent=1) if given.json else told)


@contextlib.contextmanager
def _servers(known: Settings, folder: Path, names: Sequence[str] | None) -> Iterator[list[Runner]]:
    every = lanes(known, folder)
    if unknown := sorted(set(names or ()) - {each.name for each in every}):
        what = f"There is no lane {', '.join(unknown)} here."
        raise EnvironmentFault(what, do=f"Choose from: {', '.join(each.name for each in every)}.")
    chosen = [each for each in every if not names or each.name in {*names, "bare"}]
    fleet = Fleet(known, RunFolder(folder), measured=False)
    try:
        fleet.open()
        with running(fleet, chosen, _say) as runners:
            yield runners
    finally:
        fleet.close()


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _parser() -> arguments.Parser:
    parser = arguments.Parser(prog="scripts/bench.sh", description="What measuring costs, on this machine.")
    parser.add_argument(
        "what",
        nargs="?",
        choices=("server", "growth", "scale", "live"),
        default="server",
        help="server: CPU a request in each lane (the default); growth: a server's memory over many requests; "
        "scale: to ask of 10,000 tests, and to start with 5,000 files; live: how soon the page of scripts/explore.sh "
        "shows a line, and what being watched costs",
    )
    parser.add_argument("--rounds", type=arguments.positive, metavar="N", help="interleaved rounds (12, live: 40)")
    parser.add_argument(
        "--requests", type=_some, metavar="N", help="a round and lane (200, live: 100), or in all (growth: 20,000)"
    )
    parser.add_argument("--lane", action="append", metavar="NAME", help="only this lane and bare; may be repeated")
    parser.add_argument("--json", action="store_true", help="figures for a machine")
    return parser


def _some(text: str) -> int:
    """At least one a connection. Raises argparse.ArgumentTypeError, as option types do."""
    if arguments.positive(text) < 2 * CONNECTIONS:
        raise argparse.ArgumentTypeError(f"{text} requests are too few: at least {2 * CONNECTIONS}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
