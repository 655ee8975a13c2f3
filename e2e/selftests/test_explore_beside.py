"""What ran after start-up and in no request is shown as that, and never as "never run". Test process."""

from __future__ import annotations

from e2e.selftests.browsing import MAIN, Open, exploration_of, row
from e2e.selftests.exploring import Explore
from e2e.selftests.processes import until
from e2e.selftests.project import Project

BESIDE = 8
NAME = "toy/beside.py"
THREAD = """\
import threading

asked, answered = threading.Event(), threading.Event()


def work():
    while True:
        asked.wait()
        asked.clear()
        answered.set()


threading.Thread(target=work, daemon=True).start()
"""
DONE = 10
"""The number of the line that the thread runs when it is asked."""


def with_a_thread(project: Project) -> None:
    """A thread of the toy's, begun at start-up, that works when a request asks it to."""
    project.write(NAME, THREAD)
    project.replace("toy/main.py", "import asyncio\n", "import asyncio\nfrom toy import beside\n")
    project.replace(
        "toy/main.py",
        '    answer = "from"\n',
        '    beside.asked.set()\n    beside.answered.wait(20)\n    answer = "from"\n',
    )


def test_lines_beside_requests_have_a_state_of_their_own(project: Project, explore: Explore) -> None:
    """In the source, in the file's counts, and in its bar, where each line that ran counts once."""
    with_a_thread(project)
    exploration = explore()
    before = exploration.file("beside.py")["covered"]

    exploration.use("/thread")
    until(lambda: exploration.states("beside.py")[DONE] == BESIDE, "the thread's line")

    summary = exploration.file("beside.py")
    assert summary["covered"] > before
    assert summary["beside"] >= 1
    assert sum(summary["bar"].values()) == summary["covered"]
    assert summary["bar"]["s8"] >= 1
    assert summary["only"] == 0


def test_the_last_runs_are_not_called_never_run(project: Project, explore: Explore) -> None:
    """What its tests caused in a thread of the application counts as beside requests."""
    with_a_thread(project)
    assert project.run().status == 0

    exploration = explore()

    states = exploration.states("beside.py")
    assert states[DONE] == BESIDE
    assert exploration.file("beside.py")["covered"] == exploration.file("beside.py")["total"]


def test_the_page_shows_them_with_a_sign_of_their_own(project: Project, opened: Open) -> None:
    """Sign, colour, meaning, legend, totals and bar."""
    with_a_thread(project)
    page = opened(file=NAME)
    exploration_of(page).use("/thread")

    page.wait_for_selector(f"{row(DONE)}.s8.lit")
    line, bar = page.locator(row(DONE)), page.locator("#files tr.file.here .bar")
    grounds = {
        style: page.eval_on_selector(f"#legend .{style}", "each => getComputedStyle(each).backgroundColor")
        for style in ("s0", "s1", "s8", "s2", "s4", "only")
    }

    assert line.locator("b").text_content() == "◇"
    assert "run beside requests" in (line.get_attribute("title") or "")
    assert page.inner_text("#legend .s8").split() == ["◇", "beside", "requests"]
    assert len(set(grounds.values())) == 6
    assert "beside requests" in page.inner_text("#totals")
    assert "beside requests" in (bar.get_attribute("aria-label") or "")
    assert bar.locator(".s8").evaluate("each => each.getBoundingClientRect().width") > 0
    page.get_by_role("button", name=MAIN, exact=True).click()
    page.wait_for_selector("#title:has-text('main.py')")
