"""What pytest loads in every project: options, and the gate behind which the plugin is. Test process, xdist worker.

In a project without [tool.afterawait] it does nothing. So it imports nothing but protocol.py and what pytest has
imported before it; all else comes when the gate has opened.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from afterawait import protocol

if TYPE_CHECKING:
    from afterawait.plugin.lifecycle import LiveSession

NAMES = ("afterawait", __name__)
"""Of this plugin: its entry point's, and its module's, for `-p` and `pytest_plugins`."""

COV_OFF = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """The options under names that nobody else has."""
    for name in NAMES:  # pluggy refuses a plugin that comes again under another name
        if not pluginmanager.has_plugin(name):
            pluginmanager.set_blocked(name)
    _add_workers(parser, "--server-workers")
    _add_shard(parser, "--afterawait-shard")
    _add_shared_server(parser, "--afterawait-shared-server")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser) -> Iterator[None]:
    """The options' short names, where nobody else has them: every other plugin has added its own by now."""
    if _is_driven(early_config) or _is_new_worker():
        _switch_pytest_cov_off(early_config)
    try:
        result = yield
    except Exception as error:
        if _is_driven(early_config):
            from afterawait.plugin import uncollected

            uncollected.note_conftest(error)
        raise
    if _is_driven(early_config) or _is_new_worker():
        from afterawait.plugin.selection import BeforePytestSplit

        early_config.pluginmanager.register(BeforePytestSplit(), "afterawait-before-pytest-split")
    if _is_free(parser, "--workers"):
        _add_workers(parser, "--workers")
    if _is_free(parser, "--shard"):
        _add_shard(parser, "--shard")
    if _is_free(parser, "--shared-server"):
        _add_shared_server(parser, "--shared-server")
    return result


def _is_free(parser: pytest.Parser, name: str) -> bool:
    """Whether no plugin has an option of that name; pytest 8 takes a second one without a word, and fails later."""
    try:
        _, unknown = parser.parse_known_and_unknown_args([name])
    except pytest.UsageError:  # it is known, and lacks its value
        return False
    return name in unknown


def _switch_pytest_cov_off(early_config: pytest.Config) -> None:
    """Let no second coverage.py in: it would stop the run's own, and write into its data file.

    A project's addopts often say --cov, which is meant for its unit tests.
    """
    options = early_config.known_args_namespace
    if getattr(options, "cov_source", None):
        options.cov_source = []
        early_config.stash[COV_OFF] = True


def _add_workers(parser: pytest.Parser, name: str) -> None:
    text = "uvicorn worker processes a server (1)"
    _group(parser).addoption(name, dest="server_workers", type=_processes, default=1, metavar="N", help=text)


def _add_shard(parser: pytest.Parser, name: str) -> None:
    text = "run the I-th of N shares of the tests"
    _group(parser).addoption(name, dest="afterawait_shard", type=_shard, metavar="I/N", help=text)


def _add_shared_server(parser: pytest.Parser, name: str) -> None:
    text = "with -n, one server for all test processes"
    _group(parser).addoption(name, dest="shared_server", action="store_true", help=text)


def _group(parser: pytest.Parser) -> pytest.OptionGroup:
    return parser.getgroup("afterawait", "end-to-end tests of a live server")


def _processes(text: str) -> int:
    from afterawait.arguments import positive

    return positive(text)


def _shard(text: str) -> tuple[int, int]:
    from afterawait.arguments import shard

    return shard(text)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Open the session, in a project of ours."""
    if config.option.help or config.option.version:
        return
    project = None if _is_driven(config) else _project(config)
    if project is None and not _is_driven(config):
        return
    if sys.platform == "win32":
        raise pytest.UsageError(protocol.NOT_ON_WINDOWS)
    from afterawait.plugin import fixtures

    # Registered after all other plugins, so that `base_url` is ours where pytest-base-url is installed too.
    config.pluginmanager.register(fixtures, "afterawait-fixtures")
    if hasattr(config.option, "verify_base_url"):
        config.pluginmanager.register(fixtures.WithBaseUrlPlugin(), "afterawait-base-url")
    if not config.option.collectonly:
        _open_session(config, project)


def _project(config: pytest.Config) -> Path | None:
    """The folder with the settings table: the one where pytest was called, one above it, or pytest's own root.

    A project inside another's may take pytest's settings from that one, which then is pytest's root.
    """
    called = config.invocation_params.dir
    above = [each for each in called.parents if each.is_relative_to(config.rootpath)]
    return next((each for each in (called, *above, config.rootpath) if _has_table(each / "pyproject.toml")), None)


def _has_table(path: Path) -> bool:
    try:
        text = path.read_text(encoding="utf-8")
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


def _is_new_worker() -> bool:
    """Whether this is a pytest-xdist worker of a run, before it has its `workerinput`; no pytest that a test starts."""
    inside = {protocol.RUN, "PYTEST_XDIST_WORKER"} <= os.environ.keys()
    return inside and "PYTEST_CURRENT_TEST" not in os.environ


def _open_session(config: pytest.Config, project: Path | None) -> None:
    """`project` is None where `afterawait run` started this pytest, or its controller: the run knows where it is."""
    from afterawait.plugin import crash_monitor, driven, header, plain

    session: LiveSession = plain.PlainSession(config, project) if project else driven.DrivenSession(config)
    config.pluginmanager.register(session, "afterawait-session")
    config.pluginmanager.register(crash_monitor.CrashMonitor(session), "afterawait-crash-monitor")
    config.pluginmanager.register(header.Header(session), "afterawait-header")
    session.open()
    if config.option.shared_server:
        from afterawait.plugin.sharing import Sharing

        sharing = Sharing(session)
        config.pluginmanager.register(sharing, "afterawait-sharing")
        sharing.open()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Keep this shard's share of what all other plugins and conftests have left to run."""
    result = yield
    chosen: tuple[int, int] | None = config.option.afterawait_shard
    if chosen:
        from afterawait.plugin import selection

        selection.keep_share(config, items, chosen)
    return result
