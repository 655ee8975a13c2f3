"""The figures of each part as tables of Markdown, which a terminal shows as well. Benchmark process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from e2e.bench.load import ENDPOINTS
from e2e.bench.results import Figures
from e2e.bench.synthetic import PART, SHARE

NOT_RUN = "not run"
MADE_UP = (
    f"A test that runs {SHARE:.0%} of the lines runs them in {PART:.0%} of the files, as those of this repository do. "
    "Runs are made up, and judged, combined, reported and asked by what does so in real ones. Reports: the table, HTML "
    "with each line's tests, XML, JSON, LCOV. Who: `afterawait who FILE:LINE`, start-up included. With branches, "
    "coverage.py's file has a row for each arc of each test: some 12 million where 10,000 tests run every function."
)
WHOLE_COMMAND = (
    "Wall: the whole command, from its start to its exit. A bare run measures nothing, combines nothing and writes no "
    "report; verdict, combine and reports (six of coverage.py's, each of which parses every file anew) grow with the "
    "sources, not with the tests' time."
)


@dataclass
class Table:
    """What the rows are about, column by column; `notes` stand below."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """Columns of one width, those of numbers to the right."""
        columns: list[list[str]] = []
        for head, *cells in zip(self.head, *self.rows, strict=True):
            width = max(3, *map(len, (head, *cells)))
            if any(cell[:1].isdigit() for cell in cells) and columns:
                columns.append([f"{cell:>{width}}" for cell in (head, "-" * (width - 1) + ":", *cells)])
            else:
                columns.append([f"{cell:<{width}}" for cell in (head, "-" * width, *cells)])
        lines = [f"### {self.title}", "", *(f"| {' | '.join(row)} |" for row in zip(*columns, strict=True))]
        return "\n".join([*lines, *(f"\n{note}" for note in self.notes)])


def server(found: Figures) -> list[Table]:
    """CPU a request over the bare server's, then what a client sees, then the server itself."""
    modes = found["modes"]
    names = [each.name for each in ENDPOINTS]
    ratios = Table(
        "The server's CPU a request, over the bare server's",
        ["", *names, ""],
        [[row["mode"], *(_spread(row["endpoints"][name]["ratio"]) for name in names), row["what"]] for row in modes],
        [f"Median and quartiles of {found['rounds']} interleaved rounds of {found['requests']} requests."],
    )
    bare = [modes[0]["endpoints"][name] for name in names]
    generator = (
        f"Four connections at once. CPU of the generator a request: {_each(bare, 'generator_ms')} ms, of the bare "
        f"server: {_each(bare, 'cpu_ms')} ms, which was busy {_each(bare, 'busy')} of the time ({', '.join(names)})."
    )
    seen = Table(
        "What a client sees",
        ["", *(f"{name} {what}" for name in names for what in ("req/s", "p50 ms", "p99 ms"))],
        [[row["mode"], *(figure for name in names for figure in _client(row["endpoints"][name]))] for row in modes],
        [generator],
    )
    itself = [
        [row["mode"], f"{row['ready_seconds']:.2f}", f"{row['start_cpu_seconds']:.2f}", f"{row['memory_mb']:.0f}"]
        for row in modes
    ]
    head = ["", "start to ready s", "of CPU s", "memory after it all MB"]
    return [ratios, seen, Table("The server itself", head, itself, [f"Start: the median of {modes[0]['starts']}."])]


def _client(cell: Figures) -> Sequence[str]:
    return f"{cell['per_second']:.0f}", f"{cell['p50_ms']:.1f}", f"{cell['p99_ms']:.1f}"


def _each(cells: Sequence[Figures], name: str) -> str:
    return " / ".join(f"{cell[name]:.2f}" for cell in cells)


def suite(found: Figures) -> list[Table]:
    """Wall time of the suite."""
    head = ["", "wall s", "over bare", "CPU s", "pytest s", "start s", "verdict s", "combine s", "reports s"]
    rows = []
    for row in found["modes"]:
        phases = (row["phases"].get(name) for name in ("start", "verdict", "combine", "reports"))
        seconds = [f"{row['cpu_seconds']:.1f}", f"{row['pytest_seconds']:.1f}"]
        seconds += ["" if each is None else f"{each:.1f}" for each in phases]
        rows.append([row["mode"], f"{row['wall_seconds']:.1f}", _spread(row["ratio"]), *seconds])
    note = f"Medians of {found['rounds']} interleaved rounds. {WHOLE_COMMAND}"
    return [Table(f"The suite: {found['modes'][0]['tests']} tests over HTTP", head, rows, [note])]


def scale(found: Figures) -> list[Table]:
    """Judging, combining, reporting and asking, cell by cell."""
    head = ["tests x lines", "measured", "a test runs", "data files", "witness MB", "verdict s", "combine s"]
    head += ["reports s", "who s", "peak MB"]
    rows, notes = [], [MADE_UP]
    for cell in found["cells"]:
        size, took = cell["size"], cell["took"]
        name = f"{size['tests']:,} x {size['lines']:,}"
        if size.get("shards", 1) > 1:  # figures that were written before have none
            name += f" in {size['shards']:,} shards"
        measured = "branches" if size["branches"] else "lines"
        runs = "every function" if size["whole"] else f"{SHARE:.0%}"
        files = size["processes"] * size.get("shards", 1)
        rows.append([name, measured, runs, f"{files:,}", *(_figures(took) if took else [NOT_RUN] * 6)])
        if not took:
            notes.append(f"{NOT_RUN}, {name}, {measured}: {cell['why_not']}.")
    return [Table("How a run's second half grows", head, rows, notes)]


def _figures(took: Figures) -> list[str]:
    seconds = [f"{took[name]:.2f}" for name in ("verdict", "combine", "reports", "who")]
    return [f"{took['witness_mb']:.1f}", *seconds, f"{took['peak_mb']:.0f}"]


def start(found: Figures) -> list[Table]:
    """What a start costs more than the same without us."""
    files = f"{found['files']:,} measured files imported, CPU: with the witness over without"
    rows = [
        [files, f"{found['witness'] - found['bare']:.2f}", f"{found['bare']:.2f}"],
        [
            "`afterawait --help`, on the clock: over a bare interpreter",
            _spread(found["help"]),
            f"{found['interpreter']:.3f}",
        ],
    ]
    return [Table("What a start costs, s", ["", "more", "without"], rows)]


def _spread(ratio: Sequence[float]) -> str:
    middle, low, high = ratio
    return f"{middle:.3f} ({low:.3f}-{high:.3f})"


PARTS: dict[str, Callable[[Figures], list[Table]]] = {"server": server, "suite": suite, "scale": scale, "start": start}
