"""The figures as plots. Benchmark process."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from e2e.bench.load import ENDPOINTS
from e2e.bench.results import Figures
from e2e.bench.scale import TESTS
from e2e.picture import BAR, LINE, MARGIN, SERIES, WIDTH, Picture

OURS = ("witness", "--fast", "default")
NAMES = 132  # room for a name before its bars
FIGURE = 40  # and for a figure behind one
SECONDS = (0.01, 0.1, 1, 10, 100)  # the scale of how long it takes
PANEL = 180  # height
BY_AMOUNT = ("2,000 lines", "50,000 lines", "2,000 lines, all run by each test")


def draw(folder: Path, part: str, found: Figures) -> bool:
    """The plot of a part as an SVG file in `folder`; False where it has none."""
    if part in PARTS:
        PARTS[part](found).write(folder / f"{part}.svg")
    return part in PARTS


def _server(found: Figures) -> Picture:
    picture = Picture("What it costs the server")
    picture.heading("CPU of the server a request, over the bare server's")
    names = [each.name for each in ENDPOINTS]
    picture.text(WIDTH - MARGIN, picture.y + 12, "thin lines: quartiles", "small end")
    picture.legend(names)
    ratios = {row["mode"]: [row["endpoints"][name]["ratio"] for name in names] for row in found["modes"]}
    unit = (WIDTH - NAMES - MARGIN - FIGURE) / max(high for each in ratios.values() for _, _, high in each)
    top = picture.y
    for mode, of in ratios.items():
        picture.text(NAMES - 8, picture.y + LINE + 6, mode, "end strong" if mode in OURS else "end")
        for kind, (middle, low, high) in zip(SERIES, of, strict=True):
            across = picture.y + BAR / 2
            picture.bar(NAMES, picture.y, middle * unit, kind)
            picture.path([(NAMES + low * unit, across), (NAMES + high * unit, across)])
            picture.text(NAMES + max(middle, high) * unit + 5, picture.y + BAR, f"{middle:.2f}", "small")
            picture.y += BAR + 2
        picture.y += 8
    picture.path([(NAMES + unit, top), (NAMES + unit, picture.y - 8)])
    picture.text(NAMES + unit, picture.y + 6, "1", "small middle")
    picture.y += 6
    return picture


def _suite(found: Figures) -> Picture:
    picture = Picture("What it costs the suite")
    picture.heading(f"{found['modes'][0]['tests']} tests, seconds of the whole command")
    picture.legend(["start and tests", "verdict, combine", "reports"])
    words, left = 128, 72
    unit = (WIDTH - left - MARGIN - words) / max(row["wall_seconds"] for row in found["modes"])
    for row in found["modes"]:
        verdict, combine, reports = (row["phases"].get(name, 0.0) for name in ("verdict", "combine", "reports"))
        picture.text(left - 8, picture.y + BAR, row["mode"], "end strong" if row["mode"] in OURS else "end")
        x = float(left)
        parts = (row["wall_seconds"] - verdict - combine - reports, verdict + combine, reports)
        for kind, seconds in zip(SERIES, parts, strict=True):
            picture.bar(x, picture.y, seconds * unit, kind)
            x += seconds * unit
        over = "" if row["mode"] == "bare" else f" = {row['ratio'][0]:.2f} x bare"
        picture.text(x + 6, picture.y + BAR, f"{row['wall_seconds']:.0f} s{over}", "small")
        picture.y += BAR + 12
    return picture


def _scale(found: Figures) -> Picture:
    picture = Picture("How it grows")
    picture.heading("Seconds to combine, and to write all reports")
    picture.legend(BY_AMOUNT)
    picture.text(MARGIN, picture.y + 10, "solid: with branches; dashed: lines alone", "small")
    picture.y += LINE + 4
    half = (WIDTH - 2 * MARGIN) / 2
    for what, left in (("combine", MARGIN + 28), ("reports", MARGIN + half + 28)):
        _panel(picture, found["cells"], what, left, half - 58)
    picture.y += PANEL + 3 * LINE + 12
    return picture


def _panel(picture: Picture, cells: Sequence[Figures], what: str, left: float, width: float) -> None:
    top = picture.y + LINE + 6

    def place(tests: float, seconds: float) -> tuple[float, float]:
        across = math.log(tests / TESTS[0]) / math.log(TESTS[-1] / TESTS[0])
        up = math.log(max(seconds, SECONDS[0]) / SECONDS[0]) / math.log(SECONDS[-1] / SECONDS[0])
        return left + across * width, top + (1 - up) * PANEL

    picture.text(left, picture.y + 12, what, "strong")
    for seconds in SECONDS:
        ends = [place(tests, seconds) for tests in (TESTS[0], TESTS[-1])]
        picture.path(ends, "faint")
        picture.text(left - 5, ends[0][1] + 4, f"{seconds:g}", "small end")
    for tests in TESTS:
        picture.text(place(tests, 1)[0], top + PANEL + LINE, f"{tests:,}", "small middle")
    picture.text(left + width / 2, top + PANEL + 2 * LINE, "tests", "small middle")
    for kind, points in _series(cells, what):
        placed = [place(*point) for point in points]
        picture.path(placed, kind)
        for x, y in placed:
            picture.dot(x, y, kind[0])


def _series(cells: Sequence[Figures], what: str) -> Iterator[tuple[str, list[tuple[int, float]]]]:
    """Cells of one process that differ by their tests alone: how they are drawn, tests and seconds."""
    grouped: dict[tuple[int, bool], list[tuple[int, float]]] = {}
    for cell in cells:
        size = cell["size"]
        if cell["took"] is not None and size["processes"] == size.get("shards", 1) == 1:
            amount = 2 if size["whole"] else int(size["lines"] > 2_000)  # noqa: PLR2004  # as BY_AMOUNT says
            grouped.setdefault((amount, size["branches"]), []).append((size["tests"], cell["took"][what]))
    for (amount, branches), points in grouped.items():
        yield SERIES[amount] + " dashed" * (not branches), sorted(points)


PARTS: dict[str, Callable[[Figures], Picture]] = {"server": _server, "suite": _suite, "scale": _scale}
