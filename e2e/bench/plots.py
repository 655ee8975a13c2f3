"""The figures as plots, each for light and for dark pages. Benchmark process; needs matplotlib."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, LogLocator, NullFormatter

from e2e.bench.load import ENDPOINTS
from e2e.bench.results import Figures
from e2e.bench.scale import TESTS

mpl.rcParams |= {"svg.hashsalt": "e2e", "font.size": 9.5, "axes.titlesize": 10.5}  # the same figures, the same file


@dataclass(frozen=True)
class Theme:
    """Colours that can be read on a page of that kind."""

    name: str
    ink: str
    faint: str
    series: tuple[str, ...]


LIGHT = Theme("light", "#1f2328", "#d1d9e0", ("#0969da", "#bc4c00", "#1a7f37", "#8250df", "#6e7781", "#bf3989"))
DARK = Theme("dark", "#f0f6fc", "#3d444d", ("#4493f8", "#f0883e", "#3fb950", "#ab7df8", "#9198a1", "#db61a2"))
OURS = ("witness", "--fast", "default")


def draw(folder: Path, part: str, found: Figures) -> list[str]:
    """The plots of a part as SVG files in `folder`; returns their names without theme and suffix."""
    names: list[str] = []
    for theme in (LIGHT, DARK):
        names = []
        for name, figure in PARTS.get(part, _nothing)(found, theme):
            figure.savefig(folder / f"{name}-{theme.name}.svg", transparent=True, metadata={"Date": None})
            names.append(name)
    return names


def _nothing(_found: Figures, _theme: Theme) -> Iterator[tuple[str, Figure]]:
    yield from ()


def _server(found: Figures, theme: Theme) -> Iterator[tuple[str, Figure]]:
    lanes = found["lanes"][::-1]
    figure, panels = _panels(1, len(ENDPOINTS), (9.6, 3.1), theme)
    for panel, endpoint in zip(panels, (each.name for each in ENDPOINTS), strict=True):
        ratios = [row["endpoints"][endpoint]["ratio"] for row in lanes]
        spreads = [[each[0] - each[1] for each in ratios], [each[2] - each[0] for each in ratios]]
        colours = [theme.series[0] if row["lane"] in OURS else theme.series[4] for row in lanes]
        middles = [each[0] for each in ratios]
        panel.barh(range(len(lanes)), middles, xerr=spreads, color=colours, ecolor=theme.ink, height=0.62)
        for place, (middle, _, high) in enumerate(ratios):
            panel.text(max(high, middle) + 0.06, place, f"{middle:.2f}", va="center", color=theme.ink)
        panel.axvline(1, color=theme.ink, linewidth=0.8)
        panel.set_xlim(0, max(each[2] for each in ratios) * 1.2)
        panel.set_title(endpoint)
        panel.set_yticks(range(len(lanes)), [row["lane"] for row in lanes] if panel is panels[0] else [])
        panel.grid(visible=False, axis="y")
    figure.supxlabel("CPU of the server a request, over the bare server's", fontsize=9.5, color=theme.ink)
    yield "server", figure


def _suite(found: Figures, theme: Theme) -> Iterator[tuple[str, Figure]]:
    groups = [each for each in (found["whole"], found["alike"]) if each]
    heights = [len(each) for each in groups]
    figure, panels = _panels(len(groups), 1, (9.6, 0.9 + 0.42 * sum(heights) + 0.35 * len(groups)), theme, heights)
    longest = max(row["wall_seconds"] for group in groups for row in group)
    for panel, group in zip(panels, groups, strict=True):
        rows = group[::-1]
        for place, row in enumerate(rows):
            after = [row["phases"].get(name, 0.0) for name in ("verdict", "combine", "reports")]
            parts = [row["wall_seconds"] - sum(after), sum(after[:2]), after[2]]
            left = 0.0
            for number, (width, colour) in enumerate(zip(parts, theme.series, strict=False)):
                label = ("start and tests", "verdict and combine", "reports")[number] if not place else None
                panel.barh(place, width, left=left, color=colour, height=0.62, label=label)
                left += width
            told = f"{row['wall_seconds']:.1f} s" + f"  x {row['ratio'][0]:.2f}" * (row["lane"] != "bare")
            panel.text(left + longest * 0.01, place, told, va="center", color=theme.ink)
        panel.set_yticks(range(len(rows)), [row["lane"] for row in rows])
        panel.set_xlim(0, longest * 1.16)
        panel.set_title(f"{rows[0]['tests']} tests" + ", those that can run in-process" * (group is found["alike"]))
        panel.grid(visible=False, axis="y")
    panels[-1].set_xlabel("seconds")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)
    _ink(figure, theme)
    yield "suite", figure


def _scale(found: Figures, theme: Theme) -> Iterator[tuple[str, Figure]]:
    figure, panels = _panels(2, 2, (9.6, 6.2), theme)
    shown = (("combine", "combine, s"), ("reports", "reports, s"), ("who", "who ran a line, s"))
    for panel, (what, title) in zip(panels, (*shown, ("witness_mb", "witness file, MB")), strict=True):
        for number, (label, cells) in enumerate(_series(found["cells"])):
            points = [(cell["size"]["tests"], cell["took"][what]) for cell in cells]
            style = {"color": theme.series[number % len(theme.series)], "marker": "os^Dv*"[number % 6]}
            panel.plot(*zip(*points, strict=True), label=label, linewidth=1.4, markersize=5, **style)
        panel.set(xscale="log", title=title, **({"ylim": (0, None)} if what == "who" else {"yscale": "log"}))
        panel.xaxis.set_major_locator(FixedLocator(TESTS))
        panel.xaxis.set_major_formatter(lambda tests, _: f"{tests:,.0f}")
        if what != "who":
            panel.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        panel.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_minor_formatter(NullFormatter())
        if what == "combine":
            panel.axhline(5, color=theme.ink, linewidth=0.8, linestyle="--")
            panel.annotate("5 s", (10, 5), xytext=(0, 3), textcoords="offset points", color=theme.ink)
    for panel in panels[2:]:
        panel.set_xlabel("tests")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper center", ncols=3, frameon=False)
    _ink(figure, theme)
    yield "scale", figure


def _series(cells: Sequence[Figures]) -> Iterator[tuple[str, list[Figures]]]:
    """Cells of one process that differ by their tests alone."""
    grouped: dict[tuple[bool, int, bool], list[Figures]] = {}
    for cell in cells:
        size = cell["size"]
        if cell["took"] is not None and size["processes"] == 1:
            grouped.setdefault((size["whole"], size["lines"], size["branches"]), []).append(cell)
    for (whole, lines, branches), group in sorted(grouped.items()):
        how = f"{lines:,} lines{', every function' * whole}, {'branches' if branches else 'lines alone'}"
        yield how, sorted(group, key=lambda cell: cell["size"]["tests"])


def _panels(
    rows: int, columns: int, size: tuple[float, float], theme: Theme, heights: Sequence[int] | None = None
) -> tuple[Figure, list[Any]]:
    figure = Figure(size, layout="constrained")
    panels = list(figure.subplots(rows, columns, squeeze=False, height_ratios=heights).flat)
    for panel in panels:
        panel.spines[["top", "right"]].set_visible(False)
        panel.spines[["left", "bottom"]].set_color(theme.faint)
        panel.tick_params(colors=theme.ink, which="both", length=0)
        panel.grid(color=theme.faint, linewidth=0.5)
        panel.set_axisbelow(True)
        panel.set_facecolor("none")
        for text in (panel.title, panel.xaxis.label, panel.yaxis.label):
            text.set_color(theme.ink)
    return figure, panels


def _ink(figure: Figure, theme: Theme) -> None:
    for legend in figure.legends:
        for text in legend.get_texts():
            text.set_color(theme.ink)


PARTS: dict[str, Callable[[Figures, Theme], Iterator[tuple[str, Figure]]]] = {
    "server": _server,
    "suite": _suite,
    "scale": _scale,
}
