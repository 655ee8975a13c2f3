"""The command behind scripts/proof.sh: the measurement proven on this machine, against an oracle. Proof process.

python -m e2e.proof [--quick | --write] [--json]      what is lost, where
python -m e2e.proof exact | kills [--json] ...        what the witness knows
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import httpx
import psutil
import websockets

from afterawait import arguments, settings, signals, terminal
from afterawait.faults import EnvironmentFault, Fault, MeasurementFault, Status, SuiteFault, conclude
from afterawait.processes.polling import Expired
from afterawait.settings import Settings
from e2e import command_line
from e2e.proof import exact, kills
from e2e.proof.claims import matrix as claims_matrix
from e2e.proof.claims import table as claims_table
from e2e.proof.lost import matrix, plot, table

BEGIN, END = "<!-- figures: scripts/proof.sh --write -->", "<!-- end of figures -->"


def main(given_arguments: Sequence[str]) -> int:
    """Prove; returns the exit status: 0 where it holds, 3 where it does not."""
    given = _parser().parse_args(given_arguments)
    signals.Once()
    try:
        known = settings.load(Path.cwd())
        with _place(known.state / "proof") as place:
            if given.what is None:
                return _lost(given, known, place)
            root = place / "stage"
            if given.what == "exact":
                found = exact.prove(root, ids=given.ids, workers=given.workers, fast=given.fast)
                return _show(found, "exact", _of_exact(found), as_json=given.json)
            killed = kills.prove(root, kills=given.count, say=_say, seed=given.seed)
            return _show(killed, "kills", _of_kills(killed), as_json=given.json)
    except Fault as fault:
        return conclude([fault])
    except (httpx.HTTPError, websockets.WebSocketException, Expired, OSError) as error:
        message = f"The server did not do what the proof asks of it: {type(error).__name__}: {error}."
        return conclude([SuiteFault(message, hint="Run again; with --ids, no more than this machine can open.")])
    except KeyboardInterrupt:
        return Status.INTERRUPTED


@contextlib.contextmanager
def _place(folder: Path) -> Iterator[Path]:
    """A folder of this process's below `folder`, gone at the end; those of processes that were killed go now."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("run-*"):
        if not psutil.pid_exists(int(left.name.removeprefix("run-"))):
            shutil.rmtree(left, ignore_errors=True)
    place = folder / f"run-{os.getpid()}"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _lost(given: argparse.Namespace, known: Settings, place: Path) -> int:
    if given.quick and given.write:
        raise EnvironmentFault("--quick shows a part, and docs/ holds the whole.", hint="Leave one of the two out.")
    ground = matrix.Ground(known, place, _say)
    found = matrix.quick(ground) if given.quick else matrix.whole(ground)
    claims = claims_matrix.quick(ground) if given.quick else claims_matrix.whole(ground)
    if given.json:
        print(table.machine_readable(found, claims_table.as_data(claims)))
    else:
        print(f"{table.terminal(found)}\n\n{claims_table.terminal(claims)}")
    missing = found.missing() + claims.missing()
    if given.write and not missing:
        write(found, claims, known.root / "docs")
    wrong = found.faults() + claims.faults()
    faults: list[Fault] = [MeasurementFault(f"{each}.", hint="Do not trust it here.") for each in wrong]
    faults += [EnvironmentFault(f"{each}.", hint="Fix that, and run again.") for each in missing]
    return conclude(faults)


def write(
    found: matrix.Matrix,
    claims: claims_matrix.ClaimsMatrix,
    docs: Path,
    draw: Callable[[matrix.Matrix, Path], None] = plot.draw,
) -> None:
    """Put tables, picture and figures into `docs`: between the marks of proof.md, and beside it."""
    page = docs / "proof.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    tables = f"{table.markdown(found)}\n\n{claims_table.markdown(claims)}"
    page.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}", encoding="utf-8")
    figures = table.machine_readable(found, claims_table.as_data(claims))
    (docs / "proof.json").write_text(figures + "\n", encoding="utf-8")
    draw(found, docs / "proof.svg")


def _show(result: exact.Result | kills.Result, name: str, lines: Sequence[str], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(asdict(result) | {"good": result.good}, indent=1))
    else:
        terminal.say(name, lines[0])
        for line in lines[1:]:
            print(f"    {line}")
    return Status.GOOD if result.good else Status.MEASUREMENT


def _of_exact(result: exact.Result) -> list[str]:
    summary = (
        f"{result.ids} requests at once under {result.ids} ids, {result.lines:,} lines credited: "
        f"{result.wrong} wrong, {result.missing} missing"
    )
    return [summary, result.agreement, *result.examples[:10], *result.faults]


def _of_kills(result: kills.Result) -> list[str]:
    summary = (
        f"{result.kills} servers killed under load ({result.requests:,} requests): {result.lines:,} lines had run, "
        f"{result.lost} lost; {len(result.unreadable)} unreadable files"
    )
    return [summary, *result.unreadable]


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _parser() -> command_line.Parser:
    parser = command_line.Parser(
        prog="scripts/proof.sh",
        description="Prove the measurement on this machine, against an oracle that shares no code with it. "
        "Without a word: what coverage.py loses, by Python, SQLAlchemy, database and setting, and what it claims that "
        "never was (some ten minutes).",
        epilog="Exit status: 0 it holds, 3 it does not, 4 the environment is at fault.",
    )
    parser.add_argument("--json", action="store_true", help="figures for a machine")
    parser.add_argument("--quick", action="store_true", help="only this Python and what is installed: under a minute")
    parser.add_argument("--write", action="store_true", help="renew tables and picture in docs/ as well")
    parts = parser.add_subparsers(dest="what", metavar="[exact | kills]")
    one = parts.add_parser("exact", help="requests at once under as many ids: whose line is whose")
    one.add_argument("--ids", type=arguments.positive, default=200, metavar="N", help="requests at once (200)")
    one.add_argument("--workers", type=arguments.positive, default=2, metavar="N", help="uvicorn worker processes (2)")
    one.add_argument("--fast", action="store_true", help="measured by sys.monitoring, as with scripts/e2e.sh --fast")
    two = parts.add_parser("kills", help="servers killed at random moments under load: what had run is known")
    two.add_argument("--count", type=arguments.positive, default=100, metavar="N", help="servers to kill (100)")
    two.add_argument("--seed", type=int, help="of the random moments")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
