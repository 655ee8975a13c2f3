"""What pytest finds by the entry point `afterawait`: brings the plugin in, once. Runs in every pytest process.

A module of its own, because pytest refuses one module under two names: the plugin may also be named by its module,
with `-p afterawait.plugin.hooks` or in a conftest.py's `pytest_plugins`.
"""

from __future__ import annotations

import pytest


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Before options are read: the plugin has some."""
    pluginmanager.import_plugin("afterawait.plugin.hooks")
