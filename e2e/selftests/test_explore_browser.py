"""The live page in a real browser: Playwright driving chromium. Test process."""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from e2e.selftests.exploring import Exploration
from e2e.selftests.processes import of
from e2e.selftests.project import ROOT, Project
from e2e.selftests.witnessed import line

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MAIN = "toy/main.py"
PATIENCE = 15_000  # milliseconds

Open = Callable[..., "Page"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless chromium."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None
    if CHROMIUM is None or sync_playwright is None:
        missing = "the tests in a browser need Playwright and chromium: scripts/lib/browser.sh installs both"
        if os.environ.get("E2E_BROWSER") == "required":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser: Browser, project: Project) -> Iterator[Open]:
    """Open the page of a new exploration of this test's project; nothing may go wrong in the browser."""
    explorations: list[Exploration] = []
    pages: list[Page] = []
    wrong: list[str] = []

    def open_page(*arguments: str, file: str = MAIN, **options: Any) -> Page:
        exploration = Exploration(project, *arguments)
        explorations.append(exploration)
        page = browser.new_page(**options)
        pages.append(page)
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.exploration = exploration
        page.goto(exploration.page)
        if file:
            page.get_by_role("button", name=file, exact=True).click()
            page.wait_for_selector("#source .line")
        return page

    yield open_page
    for page in pages:
        page.close()
    for exploration in explorations:
        exploration.stop()
    assert not wrong


def exploration_of(page: Page) -> Exploration:
    """The exploration behind a page."""
    found: Exploration = page.exploration
    return found


def row(number: int) -> str:
    """The selector of a source line."""
    return f"#source .line:nth-child({number})"


def test_lines_glow_as_they_run(opened: Open) -> None:
    """The moment a person makes a request, its lines light up, and the log has it."""
    page = opened()
    doubled = line("number *= 2")
    assert "s0" in (page.get_attribute(row(doubled), "class") or "")

    exploration_of(page).use("/greenlet?double=1")

    page.wait_for_selector(f"{row(doubled)}.only.lit")
    assert page.inner_text(f"{row(doubled)} > b") == "★"
    page.wait_for_selector("#requests :text('GET /greenlet')")
    assert "new" in page.inner_text("#requests li")


def test_a_request_shows_just_its_lines(opened: Open) -> None:
    """Clicked in the log; Escape shows all again."""
    page = opened()
    exploration_of(page).use("/thread")
    page.get_by_role("button", name="GET /thread").click()

    page.wait_for_selector("#source.dimmed")
    kept = page.eval_on_selector_all("#source .kept > i", "all => all.map(each => Number(each.textContent))")
    page.keyboard.press("Escape")

    assert line('answer = "from"') in kept
    assert line("found = await session") not in kept
    page.wait_for_selector("#source:not(.dimmed)")


def test_sessions_are_begun_reset_and_compared(opened: Open) -> None:
    """The name is in the address; a comparison counts only here, only there, both."""
    page = opened("--session", "one")
    exploration_of(page).use("/greenlet")
    page.wait_for_selector(f"{row(line('found = await session'))}.only")

    page.fill("#name", "two")
    page.get_by_role("button", name="start").click()
    page.wait_for_selector(f"{row(line('found = await session'))}.s0")
    exploration_of(page).use("/thread")
    page.wait_for_selector(f"{row(line('in_thread():') + 1)}.only")
    page.select_option("#with", label="one")
    page.wait_for_selector("#notice:has-text('only this session: ')")

    assert page.url.endswith("#two")
    assert re.search(r"only the other: [1-9]\d*; both: [1-9]", page.inner_text("#notice"))
    page.get_by_role("button", name="reset").click()
    page.wait_for_selector(f"{row(line('in_thread():') + 1)}.s0")


def test_files_are_searched_and_sorted(project: Project, opened: Open) -> None:
    """/ begins a search; a click on a head sorts, another one turns it round."""
    project.write("toy/other.py", "def other():\n    return 1\n")
    page = opened()

    page.keyboard.press("/")
    page.keyboard.type("oth")

    names = "#files td:first-child"
    assert page.locator(names).all_inner_texts() == ["toy/other.py"]
    page.fill("#search", "")
    page.get_by_role("button", name="file", exact=True).click()
    assert page.locator(names).all_inner_texts() == ["toy/other.py", "toy/main.py", "toy/__init__.py"]


def test_keys_walk_through_what_never_ran(opened: Open) -> None:
    """j and k go from region to region, ? says so."""
    page = opened()
    page.locator("#view").focus()

    page.keyboard.press("j")
    first = page.inner_text(".picked > i")
    page.keyboard.press("j")
    second = page.inner_text(".picked > i")
    page.keyboard.press("k")

    assert int(first) < int(second)
    assert page.inner_text(".picked > i") == first
    page.keyboard.press("?")
    assert page.is_visible("#keys")


def test_hostile_source_is_text(project: Project, opened: Open) -> None:
    """An attack in a string, in a comment and in a file's name stays what it is."""
    attack = "</span><script>window.stolen=1</script><img src=x onerror=window.stolen=2>"
    project.replace("toy/main.py", '"""A service', f'"""{attack} A service')
    project.write("toy/<img src=x onerror=window.stolen=3>.py", f"# {attack}\n")
    page = opened()

    page.get_by_role("button", name="toy/<img src=x onerror=window.stolen=3>.py").click()
    page.wait_for_selector("#title:has-text('onerror')")

    assert page.evaluate("window.stolen") is None
    assert page.locator("#source script, #source img, #files img").count() == 0
    assert attack in page.inner_text(row(1))


def test_the_page_answers_when_the_server_is_killed(opened: Open) -> None:
    """What it had run stays in sight; the replacement's lines light up as before."""
    page = opened()
    exploration = exploration_of(page)
    exploration.use("/thread")
    page.wait_for_selector(f"{row(line('in_thread():') + 1)}.only")
    [server] = [each for each in of(exploration.project.root) if "e2e.agent.serve" in " ".join(each.cmdline())]

    os.kill(server.pid, signal.SIGKILL)

    page.wait_for_selector("#status:has-text('restarting')")
    page.wait_for_selector("#status:has-text('serving')")
    assert page.locator(f"{row(line('in_thread():') + 1)}.only").count() == 1
    exploration.use("/greenlet")
    page.wait_for_selector(f"{row(line('found = await session'))}.only.lit")


def test_an_application_that_fails_is_shown_and_recovers(project: Project, opened: Open) -> None:
    """The error and the log's tail; under --reload it goes on when it is mended."""
    page = opened("--reload")
    main = (project.root / MAIN).read_text()

    project.write(MAIN, main + "1 / 0\n")
    page.wait_for_selector("#status.bad")
    page.wait_for_selector("#notice:has-text('ZeroDivisionError')")
    project.write(MAIN, main)

    page.wait_for_selector("#status:not(.bad):has-text('serving')")


def test_sixty_thousand_lines_stay_usable(project: Project, opened: Open) -> None:
    """Three hundred files: the list, a file of thousands of lines, and a line that lights up in it."""
    for number in range(300):
        project.write(f"toy/many/m{number:03}.py", f"def work():\n    return {number}\n\n\n" + "work()\n" * 196)
    page = opened()
    assert page.locator("#files tr").count() == 302

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
    css = (ROOT / "e2e/explore/static/app.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--(\w+): (#\w{6})", css.split(":root {")[theme + 1].split("}")[0]))
    grounds = ["paper", "s0", "s1", "s2", "s4", "only"]
    pairs = [(text, ground) for text in ("ink", "c", "d", "s", "n", "k", "a", "f", "b") for ground in grounds]
    pairs += [(f"{state}m", state) for state in ("s0", "s1", "s2", "s4", "only")]
    pairs += [("quiet", ground) for ground in [*grounds, "panel"]] + [("link", "paper"), ("onlym", "paper")]

    def contrast(one: str, other: str) -> float:
        light, dark = sorted((luminance(colours[one]), luminance(colours[other])), reverse=True)
        return (light + 0.05) / (dark + 0.05)

    assert {pair: round(contrast(*pair), 2) for pair in pairs if contrast(*pair) < 4.5} == {}


def test_it_needs_no_network() -> None:
    """Nothing is loaded from anywhere else."""
    for path in sorted(Path(ROOT / "e2e/explore/static").iterdir()):
        assert not re.search(r"""(?:src|href|url|import)\W*["'(]?\s*(?:https?:)?//""", path.read_text(encoding="utf-8"))
