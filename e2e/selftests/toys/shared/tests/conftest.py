"""How a checkout that is not installed brings the plugin."""

pytest_plugins = ["afterawait.plugin.hooks"]
