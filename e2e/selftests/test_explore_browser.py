"""The live page in a real browser: Playwright driving chromium. Test process."""

from __future__ import annotations

import os
import re
import signal

from e2e.selftests.browsing import MAIN, Open, exploration_of, row
from e2e.selftests.processes import called
from e2e.selftests.project import Project
from e2e.selftests.witnessed import line


def test_lines_glow_as_they_run(opened: Open) -> None:
    """The moment a person makes a request, its lines light up, and the log has it."""
    page = opened()
    doubled = line("number *= 2")
    assert "s0" in (page.get_attribute(row(doubled), "class") or "")

    exploration_of(page).use("/count?double=1")

    page.wait_for_selector(f"{row(doubled)}.only.lit")
    assert page.text_content(f"{row(doubled)} > b") == "★"
    page.wait_for_selector("#requests :text('GET /count')")
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
    assert line("await asyncio.sleep") not in kept
    page.wait_for_selector("#source:not(.dimmed)")


def test_sessions_are_begun_reset_and_compared(opened: Open) -> None:
    """The name is in the address; a comparison counts only here, only there, both."""
    page = opened("--session", "one")
    exploration_of(page).use("/count")
    page.wait_for_selector(f"{row(line('await asyncio.sleep'))}.only")

    page.fill("#name", "two")
    page.get_by_role("button", name="start").click()
    page.wait_for_selector(f"{row(line('await asyncio.sleep'))}.s0")
    exploration_of(page).use("/thread")
    page.wait_for_selector(f"{row(line('in_thread():') + 1)}.only")
    page.select_option("#with", label="one")
    page.wait_for_selector("#compared [aria-pressed=true]:has-text('only this session: ')")
    assert page.locator(f"{row(line('in_thread():') + 1)}.kept").count() == 1
    page.get_by_role("button", name=re.compile("only the other: [1-9]")).click()
    page.wait_for_selector(f"{row(line('await asyncio.sleep'))}.kept")
    assert page.locator(f"{row(line('in_thread():') + 1)}.kept").count() == 0
    page.get_by_role("button", name=re.compile("both: [1-9]")).click()
    page.wait_for_selector(f"{row(line('route = {'))}.kept")

    assert page.url.endswith("#two")
    page.get_by_role("button", name="reset").click()
    page.wait_for_selector(f"{row(line('in_thread():') + 1)}.s0")


def test_files_are_searched_and_sorted(project: Project, opened: Open) -> None:
    """/ begins a search; a click on a head sorts, another one turns it round; a package shows its sum, and folds."""
    project.write("toy/part/other.py", "def other():\n    return 1\n")
    page = opened()

    page.keyboard.press("/")
    page.keyboard.type("oth")

    names = "#files td:first-child"
    assert page.locator(names).all_inner_texts() == ["▾ toy/part/", "other.py"]
    page.fill("#search", "")
    page.get_by_role("button", name="file", exact=True).click()
    assert page.locator(names).all_inner_texts() == ["▾ toy/part/", "other.py", "▾ toy/", "main.py", "__init__.py"]
    page.get_by_role("button", name="toy/", exact=True).click()
    assert page.locator(names).all_inner_texts() == ["▾ toy/part/", "other.py", "▸ toy/"]
    assert page.locator("#files tr").nth(0).inner_text().split()[-1] == "0/2"


def test_a_test_driven_against_it_lights_lines_up_as_a_test(opened: Open) -> None:
    """What a test runs is no line of the session's; a button with the focus keeps it while lines light up."""
    page = opened()
    page.get_by_role("button", name=MAIN, exact=True).focus()

    ended = exploration_of(page).project.run("-k", "thread", env={"AFTERAWAIT_BASE_URL": exploration_of(page).app})

    assert ended.status == 0, ended.output
    page.wait_for_selector(f"{row(line('in_thread():') + 1)}.s2.lit")
    assert page.locator("#source .only, #source .s4").count() == 0
    assert page.evaluate("document.activeElement.title") == MAIN


def test_a_change_of_the_source_is_shown(project: Project, opened: Open) -> None:
    """In the open file, without being opened again, and what ran of it is forgotten; a new module is listed."""
    page = opened("--reload")
    exploration_of(page).use("/thread")
    page.wait_for_selector(f"{row(line('in_thread():') + 1)}.only")

    project.replace(MAIN, "import asyncio\n", "import asyncio\nfrom toy import other\n")
    page.wait_for_selector("#notice:has-text('cannot import name')")
    page.wait_for_selector("#source .line:has-text('from toy import other')")
    assert page.locator("#source .only").count() == 0
    project.write("toy/other.py", "")

    page.wait_for_selector("#status:not(.bad):has-text('serving')")
    page.get_by_role("button", name="toy/other.py", exact=True).wait_for()


def test_keys_walk_through_what_never_ran(opened: Open) -> None:
    """j and k go from region to region, ? says so."""
    page = opened()
    page.locator("#view").focus()

    page.keyboard.press("j")
    first = page.text_content(".picked > i")
    page.keyboard.press("j")
    second = page.text_content(".picked > i")
    page.keyboard.press("k")

    assert int(first or 0) < int(second or 0)
    assert page.text_content(".picked > i") == first
    page.keyboard.press("?")
    assert page.is_visible("#keys")


def test_hostile_source_is_text(project: Project, opened: Open) -> None:
    """An attack in a string, in a comment and in a file's name stays what it is."""
    attack = "</span><script>window.stolen=1</script><img src=x onerror=window.stolen=2>"
    project.replace("toy/main.py", '"""A service', f'"""{attack} A service')
    project.write("toy/<img src=x onerror=window.stolen=3>/any.py", f"# {attack}\n")
    page = opened()

    page.get_by_role("button", name="toy/<img src=x onerror=window.stolen=3>/any.py").click()
    page.wait_for_selector("#title:has-text('onerror')")

    assert page.evaluate("window.stolen") is None
    assert page.locator("#source script, #source img, #files img").count() == 0
    assert attack in (page.text_content(row(1)) or "")


def test_the_page_answers_when_the_server_is_killed(opened: Open) -> None:
    """What it had run stays in sight; the replacement's lines light up as before."""
    page = opened()
    exploration = exploration_of(page)
    exploration.use("/thread")
    page.wait_for_selector(f"{row(line('in_thread():') + 1)}.only")
    [server] = called(exploration.project.root, "afterawait.agent.server")

    os.kill(server.pid, signal.SIGKILL)

    page.wait_for_selector("#status:has-text('restarting')")
    page.wait_for_selector("#status:has-text('serving')")
    assert page.locator(f"{row(line('in_thread():') + 1)}.only").count() == 1
    exploration.use("/count")
    page.wait_for_selector(f"{row(line('await asyncio.sleep'))}.only.lit")


def test_an_application_that_fails_is_shown_and_recovers(project: Project, opened: Open) -> None:
    """The error and the log's tail; under --reload it goes on when it is fixed."""
    page = opened("--reload")
    main = (project.root / MAIN).read_text()

    project.write(MAIN, main + "1 / 0\n")
    page.wait_for_selector("#status.bad")
    page.wait_for_selector("#notice:has-text('ZeroDivisionError')")
    project.write(MAIN, main)

    page.wait_for_selector("#status:not(.bad):has-text('serving')")
