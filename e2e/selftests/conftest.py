"""Wiring only: the toy project that most selftests run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from afterawait import mode
from e2e.selftests import installed
from e2e.selftests.browsing import CHROMIUM, MAIN, PATIENCE, Open
from e2e.selftests.exploring import Exploration, Explore
from e2e.selftests.long_forms import LONG_FILES, LONG_FORMS, LONG_TESTS
from e2e.selftests.plain_pytest import Somebodys
from e2e.selftests.project import Project
from e2e.selftests.toy_projects import Toy, copies
from e2e.selftests.witnessed_place import Place

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from e2e.together import ModulesTogether

SHARING = {
    "test_clients.py",
    "test_databases.py",
    "test_databases_external.py",
    "test_documents.py",
    "test_explore_browser.py",
    "test_explore_browser_token.py",
    "test_explore_looks.py",
    "test_explore_safety.py",
    "test_explore_token.py",
    "test_runs_kept.py",
    "test_services_runs.py",
    "test_strangers.py",
    "test_total.py",
}
collect_ignore = ["toys"]  # projects of their own, copied and run by tests


def pytest_configure() -> None:
    """Let what the tests start hear signals, also where these tests themselves run in the background."""
    for each in (signal.SIGHUP, signal.SIGQUIT):
        signal.signal(each, signal.SIG_DFL)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ModulesTogether | None:
    """With -n, modules whose fixtures start something for all their tests stay together."""
    from e2e.together import ModulesTogether

    return ModulesTogether(config, log, SHARING) if config.getvalue("dist") == "load" else None


@pytest.fixture(autouse=True)
def _no_mode() -> Iterator[None]:
    """A mode is chosen for the process that chooses: not for the tests that come after this one."""
    yield
    for name in mode.VARIABLES:
        os.environ.pop(name, None)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A toy project of this test's own; its whole run is good until the test changes something."""
    project = Project(tmp_path / "a prøject 木")
    yield project
    project.close()


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A toy project after its whole, good run (`ended`), for all tests: ask it, and change nothing."""
    project = Project(tmp_path_factory.mktemp("finished") / "a prøject 木")
    assert project.run().status == 0, project.ended.output
    return project


@pytest.fixture
def judged(finished: Project, tmp_path: Path) -> Iterator[Project]:
    """The same, this test's own."""
    project = finished.copied(tmp_path / "a prøject 木")
    yield project
    project.close()


@pytest.fixture(scope="session")
def finished_with_session(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One that awaits in greenlets."""
    project = Project(tmp_path_factory.mktemp("session") / "a prøject 木").with_session()
    assert project.run().status == 0, project.ended.output
    return project


@pytest.fixture(scope="session")
def finished_src_layout(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One without settings of coverage.py, its package below src."""
    project = Project(tmp_path_factory.mktemp("src") / "a toy", "src_layout")
    assert project.run().status == 0, project.ended.output
    return project


@pytest.fixture
def hello(tmp_path: Path) -> Iterator[Somebodys]:
    """A project of somebody's: the settings table, a setup command, two tests that ask for the server."""
    project = Somebodys(tmp_path / "hello")
    yield project
    project.close()


@pytest.fixture(scope="session")
def installations(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what is built and installed once for all tests, those of other test processes too."""
    own = tmp_path_factory.getbasetemp()
    return (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "installed once"


@pytest.fixture(scope="session")
def wheel(installations: Path) -> Path:
    """This checkout's wheel."""
    return installed.build(installations)


@pytest.fixture(scope="session")
def alone(installations: Path, wheel: Path) -> installed.Environment:
    """An environment with the wheel and coverage.py, and nothing that either needs beside."""
    return installed.environment(installations / "alone", "uv", "--no-deps", str(wheel), "coverage")


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Toy]:
    """A copy of one of the folder `toys`: `toy("src_layout", fail_under=90)`, in a folder of any name."""
    with copies(tmp_path) as copied:
        yield copied


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of 8 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small filesystem takes Linux and root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def explore(project: Project) -> Iterator[Explore]:
    """Start an exploration of this test's project; all are stopped at the end."""
    started: list[Exploration] = []

    def start(*arguments: str, **options: Any) -> Exploration:
        started.append(Exploration(project, *arguments, **options))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.stop()


@pytest.fixture(scope="module")
def exploration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exploration]:
    """One that the tests of a module share: ask it, and end nothing."""
    shared = Exploration(Project(tmp_path_factory.mktemp("explored") / "a prøject 木"))
    yield shared
    assert "Traceback" not in shared.stop()
    shared.project.close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty one."""
    return Place(tmp_path)


@pytest.fixture(scope="module")  # while it is open, Playwright runs an event loop in this thread
def browser() -> Iterator[Browser]:
    """A headless chromium."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None
    if CHROMIUM is None or sync_playwright is None:
        missing = "the tests in a browser need Playwright and chromium: scripts/lib/browser.sh installs both"
        if os.environ.get("AFTERAWAIT_BROWSER") == "required":
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
        page.goto(exploration.address)
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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what something shorter stands for."""
    for item in items:
        test, _, case = item.name.removesuffix("]").partition("[")
        place = (item.path.name, test)
        if item.path.name in LONG_FILES or place in LONG_TESTS or case in LONG_FORMS.get(place, {}):
            item.add_marker(pytest.mark.full)
