"""What a browser makes of a crowded live page: first paint, and a line that lights up. Benchmark process."""

from __future__ import annotations

import random
import shutil
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SAMPLES = 40
OPENED = 5  # times that the page is opened
LISTED = """files => new Promise(done => {
    const look = () => document.querySelectorAll('#files tr.file').length >= files
        ? requestAnimationFrame(() => done(performance.now())) : requestAnimationFrame(look);
    look();
})"""
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
NOTE_LIT = """() => {
    window.lit = [];
    const note = changes => changes.some(each => each.target.classList.contains('lit')) && window.lit.push(Date.now());
    const where = { subtree: true, attributes: true, attributeFilter: ['class'] };
    new MutationObserver(note).observe(document.getElementById('source'), where);
}"""
FIRST_LIT = "began => window.lit.find(when => when > began) ?? null"


@dataclass(frozen=True)
class InBrowser:
    """Seconds: first contentful paint and all files listed since navigation began (medians); a request until its lines
    were lit (median and 95th percentile)."""

    painted: float
    listed: float
    lit: tuple[float, float]


def measure(url: str, file: str, files: int, ask: Callable[[], object]) -> InBrowser | None:
    """Open the page at `url` with at least `files` files, then watch `file` while `ask` sends a request.

    None where there is no Playwright or no chromium.
    """
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    if found is None:
        return None
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        painted, listed = [], []
        for _ in range(OPENED):
            page = chromium.new_page(viewport={"width": 1280, "height": 800})
            page.goto(url, wait_until="commit")
            listed.append(page.evaluate(LISTED, files) / 1000)
            painted.append(page.evaluate(PAINTED) / 1000)
        page.get_by_role("button", name=file, exact=True).click()
        page.wait_for_selector("#source .line")
        page.evaluate(NOTE_LIT)
        lit = []
        for _ in range(SAMPLES):
            time.sleep(random.uniform(0.1, 0.2))  # noqa: S311  # not in step with the page's looks
            began = time.time()
            ask()
            lit.append(page.wait_for_function(FIRST_LIT, arg=began * 1000).json_value() / 1000 - began)
        chromium.close()
    return InBrowser(
        statistics.median(painted),
        statistics.median(listed),
        (statistics.median(lit), statistics.quantiles(lit, n=20)[-1]),
    )
