"""Wiring only: the toy project that most selftests run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.selftests.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A toy project of this test's own; its whole run is good until the test changes something."""
    project = Project(tmp_path / "a project")
    yield project
    project.close()
