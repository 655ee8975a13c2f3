"""What lies among the sources and is no file that can be read: passed over, or said before anything starts."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from e2e.selftests.project import Project
from e2e.selftests.toy_projects import Toy, is_whole, percentages


@pytest.fixture
def unreadable() -> Iterator[Callable[[Path], None]]:
    """Make a file that its owner cannot read. To root, modes say nothing: it gets one that has no beginning."""
    mounted: list[Path] = []

    def make(path: Path) -> None:
        path.touch(mode=0)
        if os.geteuid() != 0:
            return
        mount = ["mount", "--bind", "/proc/1/mem", str(path)]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("root can read everything here")
        mounted.append(path)

    yield make
    for each in mounted:
        subprocess.run(["umount", "--lazy", str(each)], check=True)


def nowhere(path: Path) -> None:
    """Make a link whose target is gone."""
    path.symlink_to("gone")


def test_editors_lock_links_are_passed_over(toy: Toy) -> None:
    """While a file is open, a link stands beside it that leads to a user, a host and a process."""
    project = toy("src_layout", fail_under=100)
    source = project.root / "src/shop"
    (source / ".#main.py").symlink_to("somebody@host.4711:1700000000")
    (source / "folder.py").mkdir()

    ended = project.run()

    is_whole(ended, "src/shop")
    assert not [name for name in percentages(project) if "#" in name or "folder" in name]


@pytest.mark.parametrize("kind", ["unreadable", "a link to nowhere"])
def test_a_source_that_cannot_be_read_is_said_before_anything_starts(
    toy: Toy, unreadable: Callable[[Path], None], kind: str
) -> None:
    """It would count, and nobody could say which lines it has; one that the configuration omits does not count."""
    project = toy("src_layout", tests=["tests"])
    make = unreadable if kind == "unreadable" else nowhere
    make(project.root / "src/shop/secret.py")

    refused = project.run()
    served = project.run(module="serve")
    with (project.root / "pyproject.toml").open("a") as settings:
        settings.write('\n[tool.coverage.run]\nomit = ["*/secret.py", "*/gone"]\n')
    omitted = project.run()

    for each in (refused, served):
        assert each.status == 4, each.output
        assert "src/shop/secret.py cannot be read, and would count." in each.output
    assert "test session starts" not in refused.output
    assert omitted.status == 0, omitted.output


def test_a_folder_that_cannot_be_entered_is_passed_over(project: Project) -> None:
    """Python cannot import from it either."""
    folder = project.root / "toy/private"
    folder.mkdir()
    folder.chmod(0)

    ended = project.run()

    folder.chmod(0o700)
    assert ended.status == 0, ended.output
