"""The settings of a project by its table, and what they are refused with. Test process of the selftests."""

from __future__ import annotations

from pathlib import Path

import pytest

from afterawait import settings
from afterawait.faults import EnvironmentFault

APP = 'app = "shop.main:app"\n'


def load(root: Path, table: str, **environ: str) -> settings.Settings:
    """The settings of a project with that table, and nothing else in pyproject.toml."""
    (root / "pyproject.toml").write_text(f"[tool.afterawait]\n{table}", encoding="utf-8")
    return settings.load(root, environ)


def refusal(root: Path, table: str, **environ: str) -> EnvironmentFault:
    """The fault that such settings end in."""
    with pytest.raises(EnvironmentFault) as caught:
        load(root, table, **environ)
    return caught.value
