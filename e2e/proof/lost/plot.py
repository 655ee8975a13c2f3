"""The matrix as a picture: which share of the lines that ran each setting denies. Proof process."""

from __future__ import annotations

from pathlib import Path

from e2e.picture import BAR, MARGIN, WIDTH, Picture
from e2e.proof.lost.cells import FOUNDING, SETTINGS, WIDE, Setting
from e2e.proof.lost.matrix import Matrix

Cases = tuple[str, str]
CASES = {WIDE: "twenty-five kinds of work", FOUNDING: "the question's twenty lines"}
WORDS = 60  # room for the figure behind a bar


def draw(matrix: Matrix, path: Path) -> None:
    """Write an SVG to `path`."""
    shares = _shares(matrix)
    settings = [each for each in SETTINGS if any(each in of for of in shares.values())]
    widest = max((share for of in shares.values() for share in of.values()), default=0.0) or 1.0
    picture = Picture("Which share of the lines that ran each setting of coverage.py denies")
    picture.heading("Lines that ran and that coverage.py denies")
    picture.legend([*CASES.values()], "ba")
    for setting in settings:
        kind = "strong" if setting.ours else ""
        picture.text(MARGIN, picture.y + 12, str(setting) + "  (this project)" * setting.ours, kind)
        picture.y += LINE_TO_BAR
        for colour, cases in zip("ba", CASES, strict=True):
            share = shares[cases].get(setting)
            wide = (share or 0) / widest * (WIDTH - 2 * MARGIN - WORDS)
            picture.bar(MARGIN, picture.y, max(wide, 2), colour)
            words = "not run" if share is None else f"{share:.0f} %" if share else "0"
            picture.text(MARGIN + wide + 7, picture.y + BAR - 1, words, f"small {kind}".strip())
            picture.y += BAR + 3
        picture.y += 7
    picture.text(MARGIN, picture.y + 12, "of the lines that ran, in the worst environment", "small")
    picture.y += 14
    picture.write(path)


LINE_TO_BAR = 17


def _shares(matrix: Matrix) -> dict[Cases, dict[Setting, float]]:
    """By case and setting: the greatest share of lost lines, in percent."""
    found: dict[Cases, dict[Setting, float]] = {cases: {} for cases in CASES}
    for cell, outcome in matrix.outcomes.items():
        of = found[next(cases for cases in CASES if cell.case in cases)]
        if outcome.ran:
            of[cell.setting] = max(of.get(cell.setting, 0.0), 100 * outcome.lost / outcome.ran)
    return found
