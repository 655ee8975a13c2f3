"""The figures of each part as tables. Benchmark process."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from e2e.bench.load import ENDPOINTS
from e2e.bench.results import Figures
from e2e.bench.synthetic import PART, SHARE
from e2e.bench.table import Table

NOT_RUN = "not run"
MADE_UP = (
    f"A test that runs {SHARE:.0%} of the lines runs them in {PART:.0%} of the files, as those of this repository do. "
    "Runs are made up, and judged, combined, reported and asked by what does so in real ones. Reports: the table, HTML "
    "with each line's tests, XML, JSON, LCOV. Who: scripts/who.sh FILE:LINE, start-up included. With branches, "
    "coverage.py's file has a row for each arc of each test: some 12 million where 10,000 tests run every function."
)


def server(found: Figures) -> list[Table]:
    """CPU a request over the bare server's, then what a client sees, then the server itself."""
    lanes = found["lanes"]
    names = [each.name for each in ENDPOINTS]
    ratios = Table(
        "The server's CPU a request, over the bare server's",
        ["", *names],
        [[row["lane"], *(_spread(row["endpoints"][name]["ratio"]) for name in names)] for row in lanes],
        [
            f"Median and quartiles of {found['rounds']} interleaved rounds of {found['requests']} requests.",
            *(f"{row['lane']}: {row['what']}." for row in lanes),
        ],
    )
    busy = [lanes[0]["endpoints"][name] for name in names]
    seen = Table(
        "What a client sees",
        ["", *(f"{name} {what}" for name in names for what in ("req/s", "p50 ms", "p99 ms"))],
        [[row["lane"], *(figure for name in names for figure in _client(row["endpoints"][name]))] for row in lanes],
        [_generator(names, busy)],
    )
    kept = Table(
        "The server itself",
        ["", "start to ready s", "of CPU s", "memory after it all MB"],
        [
            [
                row["lane"],
                f"{row['ready_seconds']:.2f}",
                f"{row['start_cpu_seconds']:.2f}",
                f"{row['memory_mb']:.0f}",
            ]
            for row in lanes
        ],
        [f"Start: the median of {lanes[0]['starts']}."],
    )
    return [ratios, seen, kept]


def _generator(names: Sequence[str], bare: Sequence[Figures]) -> str:
    return (
        f"Four connections at once. CPU of the generator a request: {_each(bare, 'generator_ms')} ms, of the bare "
        f"server: {_each(bare, 'cpu_ms')} ms, which was busy {_each(bare, 'busy')} of the time ({', '.join(names)})."
    )


def _client(cell: Figures) -> Sequence[str]:
    return f"{cell['per_second']:.0f}", f"{cell['p50_ms']:.1f}", f"{cell['p99_ms']:.1f}"


def _each(cells: Sequence[Figures], name: str) -> str:
    return " / ".join(f"{cell[name]:.2f}" for cell in cells)


def growth(found: Figures) -> list[Table]:
    """Memory before and after."""
    lanes = found["lanes"]
    rows = [
        [row["lane"], f"{row['before']:.1f}", f"{row['after']:.1f}", f"{row['after'] - row['before']:.1f}"]
        for row in lanes
    ]
    note = f"After {lanes[0]['requests']:,} requests, light ones and lists in turn."
    return [Table("Memory of the server, MB", ["", "before", "after", "grown"], rows, [note])]


def suite(found: Figures) -> list[Table]:
    """Wall time of the whole suite, and of what can run in-process."""
    tables = []
    if found["whole"]:
        title = f"The whole suite: {found['whole'][0]['tests']} tests over HTTP"
        tables.append(_runs(title, found["whole"], found["rounds"]))
    alike = found["alike"]
    title = f"The {alike[0]['tests']} tests that can run in-process"
    tables.append(_runs(title, alike, found["rounds"]))
    tables[-1].notes.append(
        "in-process: the application in pytest's own process through httpx.ASGITransport, not measured. The other "
        "tests need a server process, a socket, or a response that arrives bit by bit, and fail or wait for ever so."
    )
    return tables


def _runs(title: str, lanes: Sequence[Figures], rounds: int) -> Table:
    head = ["", "wall s", "over bare", "CPU s", "pytest s", "start s", "verdict s", "combine s", "reports s"]
    rows = []
    for row in lanes:
        told = (row["phases"].get(name) for name in ("start", "verdict", "combine", "reports"))
        rows.append(
            [
                row["lane"],
                f"{row['wall_seconds']:.1f}",
                _spread(row["ratio"]),
                f"{row['cpu_seconds']:.1f}",
                f"{row['pytest_seconds']:.1f}",
                *("" if seconds is None else f"{seconds:.1f}" for seconds in told),
            ]
        )
    note = (
        f"Medians of {rounds} interleaved rounds. Wall: the whole command, from its start to its "
        "exit. A bare run measures nothing, combines nothing and writes no report; verdict, combine and reports (six "
        "of coverage.py's, each of which parses every file anew) grow with the sources, not with the tests' time."
    )
    return Table(title, head, rows, [note])


def scale(found: Figures) -> list[Table]:
    """Judging, combining, reporting and asking, cell by cell."""
    head = ["tests x lines", "measured", "a test runs", "data files", "witness MB", "verdict s", "combine s"]
    head += ["reports s", "who s", "peak MB"]
    rows = []
    for cell in found["cells"]:
        size, took = cell["size"], cell["took"]
        figures = [NOT_RUN] * 6 if took is None else _figures(took)
        rows.append(
            [
                f"{size['tests']:,} x {size['lines']:,}",
                "branches" if size["branches"] else "lines",
                "every function" if size["whole"] else f"{SHARE:.0%}",
                f"{size['processes']}",
                *figures,
            ]
        )
    start = found["start"]
    notes = [
        MADE_UP,
        f"To start with {start['files']:,} measured files takes {start['witness'] - start['bare']:.2f} s of CPU more.",
    ]
    notes += [
        f"{NOT_RUN}, {cell['size']['tests']:,} x {cell['size']['lines']:,}, "
        f"{'branches' if cell['size']['branches'] else 'lines'}: {cell['why_not']}."
        for cell in found["cells"]
        if cell["took"] is None
    ]
    return [Table("How a run's second half grows", head, rows, notes)]


def live(found: Figures) -> list[Table]:
    """How soon a line is shown, and at what cost."""
    told = [("told by the page", found["told"]), ("the same with 300 files, 60,000 lines more", found["crowded"])]
    notes = []
    if (shown := found["browser"]) is None:
        notes.append("In a browser: not run, scripts/lib/browser.sh installs what it needs.")
    else:
        told.append(("lit in a browser, with these", shown["lit"]))
        notes.append(f"First paint {shown['painted']:.3f} s, all files listed {shown['listed']:.3f} s, with these.")
    rows = [[what, *(f"{seconds:.3f}" for seconds in each)] for what, each in told]
    costs = [[name, _spread(ratio)] for name, ratio in found["slowdown"].items()]
    return [
        Table("From a request's start until its lines are shown, s", ["", "median", "95 %"], rows, notes),
        Table("The server's CPU a request while the page looks, over CPU while it does not", ["", "ratio"], costs),
    ]


def _figures(took: Figures) -> list[str]:
    seconds = [f"{took[name]:.2f}" for name in ("verdict", "combine", "reports", "who")]
    return [f"{took['witness_mb']:.1f}", *seconds, f"{took['peak_mb']:.0f}"]


def _spread(ratio: Sequence[float]) -> str:
    middle, low, high = ratio
    return f"{middle:.3f} ({low:.3f}-{high:.3f})"


PARTS: dict[str, Callable[[Figures], list[Table]]] = {
    "server": server,
    "growth": growth,
    "suite": suite,
    "scale": scale,
    "live": live,
}
