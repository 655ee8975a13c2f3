"""The plugin beside others: their options, their fixtures, its own second name; pytest 8 and 9."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from e2e.selftests import installed
from e2e.selftests.plain_pytest import PLUGIN, Somebodys, end, entry_point
from e2e.selftests.project import ALL_PLUGINS, ROOT

OTHERS = ["pytest-playwright", "pytest-base-url", "pytest-cov", "pytest-asyncio", "anyio", "pytest-xdist"]
APPLICATIONS = ["aiosqlite", "sqlalchemy[asyncio]", "uvicorn"]

THEIR_OPTIONS = """\
def pytest_addoption(parser):
    parser.addoption("--workers", dest="their_workers", help="of another plugin")
    parser.addoption("--shard", dest="their_shard")


def pytest_report_header(config):
    return f"theirs: {config.option.their_workers} {config.option.their_shard}"
"""
BESIDE = """\
import asyncio

import httpx
import pytest


def test_base_url(base_url, http):
    assert base_url.startswith("http://127.0.0.1:")
    assert http.base_url == base_url


@pytest.mark.asyncio
async def test_asyncio(base_url):
    async with httpx.AsyncClient(base_url=base_url) as client:
        assert (await client.get("/")).status_code == 200


@pytest.mark.anyio
async def test_anyio(base_url, anyio_backend):
    async with httpx.AsyncClient(base_url=base_url) as client:
        assert (await client.get("/")).status_code == 200


@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"


# The last: from here on Playwright's event loop runs in this thread, and no other can.
def test_playwright_opens_pages_there(browser_context_args, base_url):
    assert browser_context_args["base_url"] == base_url
"""


def test_the_short_options_work_where_nobody_else_has_them(hello: Somebodys) -> None:
    """As in `afterawait run`."""
    ended = hello.pytest("--workers", "2", "--shard=2/2")

    assert ended.status == 0, ended.output
    assert ", workers 2, SQLite" in ended.output
    assert "1 passed, 1 deselected" in ended.output


@pytest.mark.parametrize(
    ("arguments", "conftest", "env"),
    [
        pytest.param((), "", {}, id="entry point"),
        pytest.param(PLUGIN, "", {}, id="entry point and -p"),
        pytest.param((), 'pytest_plugins = ["afterawait.plugin.hooks"]\n', {}, id="entry point and conftest"),
        pytest.param((), "", {"PYTEST_PLUGINS": "afterawait.plugin.hooks"}, id="entry point and PYTEST_PLUGINS"),
        pytest.param(("-n1",), "", {}, id="entry point in a worker"),
        pytest.param((*PLUGIN, "-n1"), "", {}, id="entry point and -p in a worker"),
    ],
)
def test_the_plugin_may_be_brought_by_more_than_one_name(
    hello: Somebodys, tmp_path: Path, arguments: tuple[str, ...], conftest: str, env: dict[str, str]
) -> None:
    """pluggy refuses a plugin that comes a second time under another name."""
    hello.write("conftest.py", conftest)
    hello.env["PYTHONPATH"] = os.pathsep.join([str(ROOT), entry_point(tmp_path / "site")])

    ended = end(hello.start("-m", "pytest", *arguments, env=env))

    assert ended.status == 0, ended.output
    assert "2 passed" in ended.output


def test_a_measured_run_takes_the_plugin_where_its_entry_point_has_brought_it(hello: Somebodys, tmp_path: Path) -> None:
    """No warning of pytest's, which rewrites the asserts of plugins, and finds this one imported by the start hook."""
    hello.replace(
        "pyproject.toml", "[tool.pytest.ini_options]\n", '[tool.pytest.ini_options]\nfilterwarnings = ["error"]\n'
    )
    site = tmp_path / "site"
    hello.env["PYTHONPATH"] = os.pathsep.join([str(ROOT), entry_point(site)])
    (site / "afterawait_entry_point-1.dist-info" / "RECORD").write_text("afterawait/__init__.py,,\n")

    ended = hello.run("-n0")

    assert ended.status == 0, ended.output
    assert "2 passed" in ended.output


def test_the_plugin_can_be_switched_off(hello: Somebodys, tmp_path: Path) -> None:
    """With pytest's own option, by the entry point's name."""
    hello.env["PYTHONPATH"] = os.pathsep.join([str(ROOT), entry_point(tmp_path / "site")])

    ended = end(hello.start("-m", "pytest", "-p", "no:afterawait"))

    assert ended.status == 1, ended.output
    assert "fixture 'http' not found" in ended.output


PYTEST8 = pytest.param("pytest>=8,<9", marks=pytest.mark.full)


@pytest.fixture(scope="module", params=["pytest>=9,<10", PYTEST8], ids=["pytest9", "pytest8"])
def everybody(request: pytest.FixtureRequest, installations: Path, wheel: Path) -> str:
    """The Python of an environment with every plugin that has something in common with ours."""
    made = installed.Environment(installations / "everybody" / request.param, "uv")
    with installed.once(made.root) as needed:
        if needed:
            made.make()
            install = [installed.uv(), "pip", "install", "--quiet", "--python", str(made.python)]
            installed.run(*install, str(wheel), request.param, *OTHERS, *APPLICATIONS)
    return str(made.python)


@pytest.fixture
def beside(everybody: str, hello: Somebodys) -> Somebodys:
    """The project, in that environment."""
    hello.python = everybody
    hello.env |= {"PYTHONPATH": ""} | ALL_PLUGINS
    hello.replace("pyproject.toml", '["-p", "no:randomly"]', '["--strict-markers"]')
    hello.write("tests/test_beside.py", BESIDE)
    return hello


@pytest.mark.timeout(600)
def test_plain_pytest_beside_all_the_others(beside: Somebodys) -> None:
    """`base_url` is our server's, for Playwright's pages too; asynchronous tests run as ever."""
    ended = end(beside.start("-m", "pytest"))

    assert ended.status == 0, ended.output
    assert "6 passed" in ended.output
    assert all(name in ended.output for name in ("base-url-", "playwright-", "cov-", "asyncio-", "anyio-", "xdist-"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("workers", [("-n0",), ("-n", "2")], ids=["alone", "xdist"])
def test_a_measured_run_beside_all_the_others(beside: Somebodys, workers: tuple[str, ...]) -> None:
    """And the measurement is whole."""
    ended = beside.run(*workers)

    assert ended.status == 0, ended.output
    assert "6 passed" in ended.output
    assert "coverage.py and the witness agree" in ended.output


@pytest.mark.timeout(600)
@pytest.mark.parametrize("order", [("theirs", PLUGIN[1]), (PLUGIN[1], "theirs")], ids=["theirs first", "ours first"])
def test_a_short_option_that_another_plugin_has_stays_its_own(beside: Somebodys, order: tuple[str, str]) -> None:
    """Whichever is loaded first, by pytest 8 or 9: ours has a longer name as well."""
    beside.write("theirs.py", THEIR_OPTIONS)
    plugins = [word for name in order for word in ("-p", name)]

    ended = end(
        beside.start(
            "-m", "pytest", *plugins, "--workers=many", "--shard", "a", "--server-workers=2", "--afterawait-shard=1/2"
        )
    )

    assert ended.status == 0, ended.output
    assert "theirs: many a" in ended.output
    assert ", workers 2, SQLite" in ended.output
    assert "3 passed, 3 deselected" in ended.output


@pytest.mark.timeout(600)
@pytest.mark.parametrize("workers", [("-n0",), ("-n", "2")], ids=["alone", "xdist"])
def test_a_measured_run_lets_no_pytest_cov_measure_a_second_time(beside: Somebodys, workers: tuple[str, ...]) -> None:
    """A project's addopts say --cov for its unit tests, with a gate of theirs; plain pytest does as it says."""
    beside.replace("pyproject.toml", '["--strict-markers"]', '["--cov=hello", "--cov-fail-under=90"]')

    measured = beside.run(*workers)
    plain = end(beside.start("-m", "pytest", *workers))

    assert measured.status == 0, measured.output
    assert "pytest-cov is switched off" in measured.output
    assert "coverage.py and the witness agree" in measured.output
    assert plain.status == 1, plain.output
    assert "Required test coverage of 90% not reached" in plain.output


@pytest.mark.timeout(600)
def test_pytest_base_url_asks_for_the_url_in_every_test_and_starts_no_server(beside: Somebodys) -> None:
    """It would, in unit tests too, to verify that something answers there."""
    beside.write("tests/test_unit.py", "def test_unit():\n    pass\n")

    ended = end(beside.start("-m", "pytest", "tests/test_unit.py", env={"VERIFY_BASE_URL": "true"}))

    assert ended.status == 0, ended.output
    assert not (beside.root / "setup-ran").exists()


@pytest.mark.timeout(600)
def test_in_other_projects_base_url_is_pytest_base_urls(beside: Somebodys) -> None:
    """With its option, and without our fixtures."""
    beside.write("pyproject.toml", "[tool.pytest.ini_options]\n")
    beside.write("tests/test_hello.py", "def test_theirs(base_url):\n    assert base_url == 'http://there'\n")

    ended = end(beside.start("-m", "pytest", "tests/test_hello.py", "--base-url=http://there"))

    assert ended.status == 0, ended.output
    assert "1 passed" in ended.output


@pytest.mark.timeout(600)
def test_base_url_on_the_command_line_names_a_server_to_drive(beside: Somebodys) -> None:
    """Of plain pytest's and of a run's: as with AFTERAWAIT_BASE_URL; in the project's own settings it is not asked."""
    beside.replace("pyproject.toml", "testpaths", 'base_url = "http://127.0.0.1:9"\ntestpaths')

    plain = end(beside.start("-m", "pytest", "--base-url=http://127.0.0.1:10/"))
    driven = beside.run("-n0", "--base-url=http://127.0.0.1:10")
    two = beside.run("-n0", env={"PYTEST_BASE_URL": "http://127.0.0.1:10"})
    without = end(beside.start("-m", "pytest"))

    assert plain.status == 4, plain.output
    assert "The tests are to run against http://127.0.0.1:10, and no server answers there" in plain.output
    assert driven.status == 4, driven.output
    assert "The tests are to run against http://127.0.0.1:10, and no server answers there" in driven.output
    assert two.status == 4, two.output
    assert "afterawait run --base-url http://127.0.0.1:10" in two.output
    assert without.status == 0, without.output
