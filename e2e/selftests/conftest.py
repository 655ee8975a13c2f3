"""Wiring only: the toy project that most selftests run."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.selftests.exploring import Exploration, Explore
from e2e.selftests.project import Project


def pytest_configure() -> None:
    """Let what the tests start hear SIGHUP, also where these tests themselves run under nohup."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A toy project of this test's own; its whole run is good until the test changes something."""
    project = Project(tmp_path / "a project")
    yield project
    project.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of 8 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small filesystem takes Linux and root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def explore(project: Project) -> Iterator[Explore]:
    """Start an exploration of this test's project; all are stopped at the end."""
    started: list[Exploration] = []

    def start(*arguments: str, **options: Any) -> Exploration:
        started.append(Exploration(project, *arguments, **options))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.stop()
