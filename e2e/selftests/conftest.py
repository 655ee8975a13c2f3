"""Wiring only: the toy project that most selftests run."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.selftests.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A toy project of this test's own; its whole run is good until the test changes something."""
    return Project(tmp_path / "a project")
