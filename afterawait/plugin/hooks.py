"""What pytest loads in every project: options, and the gate behind which the plugin is. Test process, xdist worker.

In a project without [tool.afterawait] it does nothing. So it imports nothing but protocol.py and what pytest has
imported before it; all else comes when the gate has opened.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from afterawait import protocol

if TYPE_CHECKING:
    from afterawait.plugin.lifecycle import LiveSession

NAMES = ("afterawait", __name__)
"""Of this plugin: its entry point's, and its module's, for `-p` and `pytest_plugins`."""


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """The options under the names that nobody else has."""
    for name in NAMES:  # pluggy refuses a plugin that comes again under another name
        if not pluginmanager.has_plugin(name):
            pluginmanager.set_blocked(name)
    _add_options(parser, "--server-workers", "--afterawait-shard")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(parser: pytest.Parser) -> Iterator[None]:
    """The options' short names, where nobody else has them: every other plugin has added its own by now."""
    result = yield
    _add_options(parser, "--workers", "--shard")
    return result


def _add_options(parser: pytest.Parser, workers: str, shard: str) -> None:
    group = parser.getgroup("afterawait", "end-to-end tests of a live server")
    for name, dest, convert, metavar, text in (
        (workers, "server_workers", _processes, "N", "uvicorn worker processes a server (1)"),
        (shard, "afterawait_shard", _shard, "I/N", "run the I-th of N shares of the tests"),
    ):
        try:
            group.addoption(
                name, dest=dest, type=convert, default=1 if convert is _processes else None, metavar=metavar, help=text
            )
        except ValueError:  # a short name that another plugin has
            continue


def _processes(text: str) -> int:
    from afterawait.arguments import positive

    return positive(text)


def _shard(text: str) -> tuple[int, int]:
    from afterawait.plugin import selection

    return selection.parse(text)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Open the session, in a project of ours."""
    if config.option.help or config.option.version or not _is_ours(config):
        return
    from afterawait.plugin import fixtures

    # Registered after all other plugins, so that `base_url` is ours where pytest-base-url is installed too.
    config.pluginmanager.register(fixtures, "afterawait-fixtures")
    if hasattr(config.option, "verify_base_url"):
        config.pluginmanager.register(fixtures.WithBaseUrlPlugin(), "afterawait-base-url")
    if not config.option.collectonly:
        _open_session(config)


def _is_ours(config: pytest.Config) -> bool:
    """Whether `afterawait run` started this process, or the project has the settings table."""
    if _is_driven(config):
        return True
    try:
        text = (config.rootpath / "pyproject.toml").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return False
    if "afterawait" not in text:
        return False
    import tomllib

    try:
        return "afterawait" in tomllib.loads(text).get("tool", {})
    except (tomllib.TOMLDecodeError, AttributeError):
        return False  # whoever needs that file says what is wrong with it


def _is_driven(config: pytest.Config) -> bool:
    """Whether this is the run's own pytest or its worker: a pytest that a test starts inherits the run's variables."""
    return protocol.LIFELINE in os.environ or "afterawait_run" in getattr(config, "workerinput", {})


def _open_session(config: pytest.Config) -> None:
    from afterawait.plugin import crash_monitor, driven, header, plain

    session: LiveSession = driven.DrivenSession(config) if _is_driven(config) else plain.PlainSession(config)
    config.pluginmanager.register(session, "afterawait-session")
    config.pluginmanager.register(crash_monitor.CrashMonitor(session), "afterawait-crash-monitor")
    config.pluginmanager.register(header.Header(session), "afterawait-header")
    session.open()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep this shard's share of what is left to run."""
    chosen: tuple[int, int] | None = config.option.afterawait_shard
    if chosen:
        from afterawait.plugin import selection

        kept = selection.share([item.nodeid for item in items], chosen)
        left = [item for item in items if item.nodeid not in kept]
        items[:] = [item for item in items if item.nodeid in kept]
        config.hook.pytest_deselected(items=left)
