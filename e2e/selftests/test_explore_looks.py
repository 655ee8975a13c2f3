"""How the live page looks: crowded, narrow, empty, to eyes that need contrast. Test process."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from e2e.selftests.browsing import Open, exploration_of, row
from e2e.selftests.project import ROOT, Project
from e2e.selftests.witnessed import line


def test_sixty_thousand_lines_stay_usable(project: Project, opened: Open) -> None:
    """Three hundred files: the list, a file of thousands of lines, and a line that lights up in it."""
    for number in range(300):
        project.write(f"toy/many/m{number:03}.py", f"def work():\n    return {number}\n\n\n" + "work()\n" * 196)
    page = opened()
    assert page.locator("#files tr.file").count() == 302

    exploration_of(page).use("/thread")

    page.wait_for_selector(f"{row(line('in_thread():') + 1)}.lit")
    assert "of 59" in page.inner_text("#totals")


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_sticks_out(opened: Open, width: int) -> None:
    """Wide or narrow, the page itself never scrolls sideways."""
    page = opened(viewport={"width": width, "height": 800})

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_empty_session_says_what_to_do_first(opened: Open) -> None:
    """With a link to the application."""
    page = opened(file="")

    page.wait_for_selector("#app[href]")
    assert page.is_visible("text=Nothing has run yet")
    assert page.get_attribute("#app", "href") == exploration_of(page).app + "/docs"


def luminance(colour: str) -> float:
    """WCAG's relative luminance of #rrggbb."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_contrasts_meet_wcag_aa(theme: int) -> None:
    """Every colour of text on every ground that it stands on: 4.5 to 1 at least."""
    css = (ROOT / "afterawait/page/static/app.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--(\w+): (#\w{6})", css.split(":root {")[theme + 1].split("}")[0]))
    grounds = ["paper", "s0", "s1", "s8", "s2", "s4", "only"]
    pairs = [(text, ground) for text in ("ink", "c", "d", "s", "n", "k", "a", "f", "b") for ground in grounds]
    pairs += [(f"{state}m", state) for state in ("s0", "s1", "s8", "s2", "s4", "only")]
    pairs += [("quiet", ground) for ground in [*grounds, "panel"]] + [("link", "paper"), ("onlym", "paper")]

    def contrast(one: str, other: str) -> float:
        light, dark = sorted((luminance(colours[one]), luminance(colours[other])), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    assert {pair: round(contrast(*pair), 2) for pair in pairs if contrast(*pair) < 4.5} == {}


def test_it_needs_no_network() -> None:
    """Nothing is loaded from anywhere else."""
    for path in sorted(Path(ROOT / "afterawait/page/static").iterdir()):
        assert not re.search(r"""(?:src|href|url|import)\W*["'(]?\s*(?:https?:)?//""", path.read_text(encoding="utf-8"))
