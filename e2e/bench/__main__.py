"""The command behind scripts/bench.sh: what each way to measure costs the server. Benchmark process."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from e2e.bench.lanes import lanes
from e2e.bench.load import ENDPOINTS
from e2e.bench.rounds import Runner, measure, ratios, running, spread
from e2e.harness import arguments, settings, status, terminal
from e2e.harness.errors import E2EError
from e2e.harness.fleet import Fleet
from e2e.harness.rundir import RunFolder
from e2e.harness.status import Finding


def main(given_arguments: Sequence[str]) -> int:
    """Measure and print; returns the exit status."""
    given = _parser().parse_args(given_arguments)
    try:
        known = settings.load(Path.cwd())
        chosen = [lane for lane in lanes(known) if not given.lane or lane.name in {*given.lane, "bare"}]
        known.state.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=known.state, prefix="bench-") as folder:
            fleet = Fleet(known, RunFolder(Path(folder)), measured=False)
            try:
                fleet.open()
                with running(fleet, chosen, _say) as runners:
                    measure(runners, ENDPOINTS, given.rounds, given.requests, _say)
                    _say("")
                    _print(runners, as_json=given.json)
            finally:
                fleet.close()
    except E2EError as fault:
        terminal.conclude([Finding.of(fault)])
        return fault.status
    except KeyboardInterrupt:
        return status.Status.INTERRUPTED
    return status.Status.GOOD


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _print(runners: Sequence[Runner], *, as_json: bool) -> None:
    bare = runners[0]
    rows = []
    for runner in runners:
        row: dict[str, object] = {
            "lane": runner.lane.name,
            "what": runner.lane.what,
            "start_cpu_seconds": round(runner.start, 2),
            "memory_mb": round(runner.memory, 1),
        }
        for endpoint in ENDPOINTS:
            middle, low, high = spread(ratios(runner, bare, endpoint.name))
            row[endpoint.name] = {
                "cpu_ms_a_request": round(spread(runner.cpu[endpoint.name])[0], 3),
                "ratio": round(middle, 3),
                "quartiles": [round(low, 3), round(high, 3)],
                "p50_ms": round(spread(runner.taken[endpoint.name])[0] * 1000, 2),
            }
        rows.append(row)
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    print("CPU of the server a request, over the bare server (median and quartiles of interleaved rounds)")
    print(f"{'':<18}{'start s':>8}{'MB':>7}" + "".join(f"{endpoint.name:>24}" for endpoint in ENDPOINTS))
    for row in rows:
        cells = ""
        for endpoint in ENDPOINTS:
            cell = row[endpoint.name]
            low, high = cell["quartiles"]  # type: ignore[index]
            cells += f"{cell['ratio']:>10.3f} ({low:.3f}-{high:.3f})"  # type: ignore[index]
        print(f"{row['lane']:<18}{row['start_cpu_seconds']:>8}{row['memory_mb']:>7}{cells}")
    light = {endpoint.name: spread(bare.cpu[endpoint.name])[0] for endpoint in ENDPOINTS}
    print("bare: " + ", ".join(f"{name} {value:.2f} ms" for name, value in light.items()))


def _parser() -> arguments.Parser:
    parser = arguments.Parser(prog="scripts/bench.sh", description="What each way to measure costs the server.")
    parser.add_argument("--rounds", type=arguments.positive, default=12, metavar="N", help="interleaved rounds (12)")
    parser.add_argument("--requests", type=arguments.positive, default=200, metavar="N", help="a round and lane (200)")
    parser.add_argument("--lane", action="append", metavar="NAME", help="only this lane and bare; may be repeated")
    parser.add_argument("--json", action="store_true", help="figures for a machine")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
