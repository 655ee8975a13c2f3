"""A pytest plugin: keep the tests that a file lists, or write down which passed. Test process.

So that the same tests run in every lane: those that can run in-process are found by running all of them so, once.
"""

from __future__ import annotations

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Both files hold a test's id a line."""
    parser.addoption("--bench-keep", type=Path, help="run these tests alone")
    parser.addoption("--bench-passed", type=Path, help="write down which passed")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not listed."""
    if not config.option.bench_keep:
        return
    listed = set(config.option.bench_keep.read_text(encoding="utf-8").splitlines())
    left = [item for item in items if item.nodeid.partition("@")[0] not in listed]
    items[:] = [item for item in items if item not in left]
    config.hook.pytest_deselected(items=left)


class Passed:
    """Writes down what passed, in the controller."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._bad: set[str] = set()
        self._good: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """All three parts of a test must be good."""
        name = report.nodeid.partition("@")[0]
        if report.when == "call" and report.passed:
            self._good.add(name)
        elif not report.passed:
            self._bad.add(name)

    def pytest_sessionfinish(self) -> None:
        """Now all are known."""
        self._path.write_text("".join(f"{name}\n" for name in sorted(self._good - self._bad)), encoding="utf-8")


def pytest_configure(config: pytest.Config) -> None:
    """The controller hears of every test."""
    if config.option.bench_passed and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Passed(config.option.bench_passed), "bench-passed")
