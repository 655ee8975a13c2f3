"""Plots as small SVG files, one for light and dark pages. Process of the benchmark or of the proof.

The file carries both sets of colours, and its own ground: where a page is dark and the reader's system is not, it is
still readable. It is narrow, so that its words keep their size on a phone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

WIDTH = 440
LINE = 18  # from one line of text to the next
BAR = 11
MARGIN = 12
CHARACTER = 7.4  # about as wide as a character is on average
STYLE = """\
svg { --ground: #ffffff; --ink: #1f2328; --faint: #d1d9e0; --a: #0969da; --b: #bc4c00; --c: #1a7f37; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #0d1117; --ink: #f0f6fc; --faint: #3d444d; --a: #4493f8; --b: #f0883e; --c: #3fb950; }
}
text { font: 14px system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--ink); }
.strong { font-weight: 600; }
.small { font-size: 13px; }
.end { text-anchor: end; }
.middle { text-anchor: middle; }
.ground { fill: var(--ground); }
.a { fill: var(--a); } .b { fill: var(--b); } .c { fill: var(--c); }
path { fill: none; stroke: var(--ink); }
path.a { stroke: var(--a); } path.b { stroke: var(--b); } path.c { stroke: var(--c); }
path.a, path.b, path.c { fill: none; stroke-width: 2; }
path.faint { stroke: var(--faint); }
path.dashed { stroke-dasharray: 5 4; }"""
SERIES = "abc"
"""Classes that colour what belongs together."""


class Picture:
    """What is drawn so far, and `y`: where the next thing goes."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._parts: list[str] = []
        self.y = float(MARGIN)

    def text(self, x: float, y: float, words: str, kind: str = "") -> None:
        """Words on the line `y`."""
        self._add(f'<text x="{x:.4g}" y="{y:.4g}"{_class(kind)}>{escape(words)}</text>')

    def bar(self, x: float, y: float, width: float, kind: str) -> None:
        """A bar from `x` to the right."""
        self._add(f'<rect x="{x:.4g}" y="{y:.4g}" width="{width:.4g}" height="{BAR}"{_class(kind)}/>')

    def path(self, points: Iterable[tuple[float, float]], kind: str = "") -> None:
        """A line through these points."""
        self._add(f'<path d="M{" ".join(f"{x:.4g},{y:.4g}" for x, y in points)}"{_class(kind)}/>')

    def dot(self, x: float, y: float, kind: str) -> None:
        """A point of a line."""
        self._add(f'<circle cx="{x:.4g}" cy="{y:.4g}" r="3"{_class(kind)}/>')

    def heading(self, words: str) -> None:
        """A line of its own, strong."""
        self.text(MARGIN, self.y + 13, words, "strong")
        self.y += LINE + 4

    def legend(self, names: Sequence[str], kinds: Sequence[str] = SERIES) -> None:
        """What each colour means, as many a line as there is room for."""
        x = float(MARGIN)
        for name, kind in zip(names, kinds, strict=False):
            wide = CHARACTER * len(name) + 30
            if x + wide > WIDTH:
                x, self.y = MARGIN, self.y + LINE
            self.bar(x, self.y + 2, BAR, kind)
            self.text(x + BAR + 5, self.y + 12, name, "small")
            x += wide
        self.y += LINE + 6

    def write(self, path: Path) -> None:
        """As high as what was drawn."""
        height = round(self.y + MARGIN)
        size = f'width="{WIDTH}" height="{height}"'
        head = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {WIDTH} {height}">',
            f"<title>{escape(self._title)}</title>",
            f"<style>\n{STYLE}\n</style>",
            f'<rect class="ground" {size} rx="6"/>',
        ]
        path.write_text("\n".join([*head, *self._parts, "</svg>\n"]), encoding="utf-8")

    def _add(self, element: str) -> None:
        self._parts.append(element)


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
