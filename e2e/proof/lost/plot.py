"""The matrix as a picture: which share of the lines that ran each setting denies. Proof process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from afterawait.faults import EnvironmentFault
from e2e.proof.lost.cells import FOUNDING, SETTINGS, WIDE, Setting
from e2e.proof.lost.matrix import Matrix

Cases = tuple[str, str]
CASES = {
    WIDE: ("twenty-five kinds of work", "#c2410c", -0.19),
    FOUNDING: ("the question's twenty lines", "#f59e0b", 0.19),
}
"""What each is called, its colour, and its place beside the other."""
OURS, QUIET = "#15803d", "#6e7781"
"""Readable on white and on black."""


def draw(matrix: Matrix, path: Path) -> None:
    """Write an SVG to `path`. Raises EnvironmentFault where there is no matplotlib."""
    try:
        from matplotlib import pyplot as plt
    except ImportError:
        message = "There is no matplotlib to draw with."
        raise EnvironmentFault(message, hint="Run scripts/proof.sh --write, which installs it.") from None
    shares = _shares(matrix)
    settings = [each for each in SETTINGS if any(each in of for of in shares.values())]
    plt.rcParams.update({"svg.hashsalt": "proof", "font.size": 10, "text.color": QUIET, "axes.labelcolor": QUIET})
    figure, axes = plt.subplots(figsize=(8, 0.75 * len(settings) + 1))
    for cases, of in shares.items():
        _bars(axes, settings, cases, of)
    axes.set_yticks(range(len(settings)), [str(each) + ("  (ours)" if each.ours else "") for each in settings])
    axes.invert_yaxis()
    axes.set_xlabel("lines that ran and that coverage.py denies, % (the worst environment)")
    axes.tick_params(colors=QUIET)
    for name, spine in axes.spines.items():
        spine.set_visible(name == "left")
        spine.set_color(QUIET)
    axes.legend(frameon=False, loc="lower right")
    figure.savefig(path, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


def _bars(axes: Any, settings: list[Setting], cases: Cases, of: dict[Setting, float]) -> None:
    said, colour, offset = CASES[cases]
    places = [number + offset for number in range(len(settings))]
    drawn = axes.barh(places, [of.get(each, 0.0) for each in settings], 0.36, color=colour, label=said)
    words = ["not run" if each not in of else "0" if not of[each] else f"{of[each]:.0f} %" for each in settings]
    for text, each in zip(axes.bar_label(drawn, words, padding=4), settings, strict=True):
        text.set_color(OURS if each.ours else QUIET)
        text.set_fontweight("bold" if each.ours else "normal")


def _shares(matrix: Matrix) -> dict[Cases, dict[Setting, float]]:
    """By case and setting: the greatest share of lost lines, in percent."""
    found: dict[Cases, dict[Setting, float]] = {cases: {} for cases in CASES}
    for cell, outcome in matrix.outcomes.items():
        of = found[next(cases for cases in CASES if cell.case in cases)]
        if outcome.ran:
            of[cell.setting] = max(of.get(cell.setting, 0.0), 100 * outcome.lost / outcome.ran)
    return found
