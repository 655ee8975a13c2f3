"""Coverage settings written as each of the five files that coverage.py looks into. Test process of the selftests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Settings = Mapping[str, Mapping[str, Any]]
"""Values by section and name."""

FILES = (".coveragerc", ".coveragerc.toml", "setup.cfg", "tox.ini", "pyproject.toml")
PREFIXES = {".coveragerc": "", "setup.cfg": "coverage:", "tox.ini": "coverage:"}


def written(name: str, settings: Settings) -> str:
    """The text of the file called `name` with these settings."""
    if name.endswith(".toml"):
        prefix = "tool.coverage." if name == "pyproject.toml" else ""
        sections = {
            f"[{prefix}{section}]": [f"{key} = {json.dumps(value)}" for key, value in values.items()]
            for section, values in settings.items()
        }
    else:
        sections = {
            f"[{PREFIXES[name]}{section}]": [f"{key} = {_ini(value)}" for key, value in values.items()]
            for section, values in settings.items()
        }
    return "".join("\n".join([head, *lines]) + "\n\n" for head, lines in sections.items())


def _ini(value: Any) -> str:
    if isinstance(value, list):
        return "".join(f"\n    {each}" for each in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
