"""The live page's token in a real browser: from the address into this tab, and nowhere else. Test process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2e.selftests.browsing import MAIN, PATIENCE, Open, exploration_of, row
from e2e.selftests.exploring import Explore
from e2e.selftests.processes import until
from e2e.selftests.witnessed import line

if TYPE_CHECKING:
    from playwright.sync_api import Browser

THREAD = row(line('answer = "from"'))


def test_the_token_leaves_the_address_and_survives_a_reload(opened: Open) -> None:
    """The address shows the session alone; no cookie is set, which the application would receive."""
    page = opened("--session", "mine")
    token = exploration_of(page).token
    page.wait_for_url("**/#mine")

    page.reload()
    page.get_by_role("button", name=MAIN, exact=True).click()
    page.wait_for_selector("#source .line")
    exploration_of(page).use("/thread")

    page.wait_for_selector(f"{THREAD}.only.lit")
    assert token not in page.url
    assert page.context.cookies() == []
    assert token not in page.content()


def test_an_address_may_name_token_and_session(opened: Open) -> None:
    """As a bookmark does without the token, which an open tab knows."""
    page = opened()

    page.goto(f"{exploration_of(page).address}&caf%C3%A9")
    page.wait_for_url("**/#caf%C3%A9")
    page.reload()

    until(lambda: page.input_value("#name") == "café", "the session's name")
    assert exploration_of(page).board()["session"] == "café"


def test_an_address_without_the_token_says_where_to_get_it(browser: Browser, explore: Explore) -> None:
    """And shows nothing else; the printed address, put into the same tab, opens the page."""
    exploration = explore()
    exploration.use("/thread")
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)

    page.goto(exploration.page)
    page.wait_for_selector("#error:has-text('open the address that `afterawait explore` printed')")

    assert page.inner_text("#status") == "not connected"
    assert page.is_hidden("#empty")
    assert page.locator("#files tr, #requests li").count() == 0
    page.goto(exploration.address)
    page.wait_for_selector("#requests :text('GET /thread')")
    assert page.inner_text("#error") == ""
    page.close()


def test_a_page_that_comes_back_is_followed_again(browser: Browser, explore: Explore) -> None:
    """With another token: the open tab says so, and takes the new address."""
    first = explore("--page-port", "0")
    page = browser.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(first.address)
    page.wait_for_selector("#status:has-text('serving')")
    first.stop()
    page.wait_for_selector("#status:has-text('is gone')")

    second = explore("--page-port", first.page.rpartition(":")[2])
    page.wait_for_selector("#error:has-text('open the address')")
    page.goto(second.address)
    page.wait_for_selector("#status:has-text('serving')")
    second.use("/thread")

    page.wait_for_selector("#requests :text('GET /thread')")
    page.close()
