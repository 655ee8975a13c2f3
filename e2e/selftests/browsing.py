"""The live page of an exploration, open in a browser. Test process of the selftests."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

from e2e.selftests.exploring import Exploration

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MAIN = "toy/main.py"
PATIENCE = 15_000  # milliseconds

Open = Callable[..., "Page"]


def exploration_of(page: Page) -> Exploration:
    """The exploration behind a page."""
    found: Exploration = page.exploration
    return found


def row(number: int) -> str:
    """The selector of a source line. Read its text_content: of a row that was not painted yet, innerText is empty."""
    return f"#source .line:nth-child({number})"
