"""Projects unlike this one, from the folder `toys`, and what their reports say. Test process of the selftests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from e2e.selftests.project import Ended, Project

Toy = Callable[..., Project]


@contextmanager
def copies(into: Path) -> Iterator[Toy]:
    """Copies of projects in the folder `toys`, with settings added; what they run is ended with the block."""
    started = []

    def copied(name: str, folder: str = "a toy", **settings: object) -> Project:
        project = Project(into / folder, name)
        started.append(project)
        table = "".join(f"{key} = {in_toml(value)}\n" for key, value in settings.items())
        written = (project.root / "pyproject.toml").read_text(encoding="utf-8")
        project.write("pyproject.toml", written + table)
        return project

    yield copied
    for each in started:
        each.close()


def in_toml(value: object) -> str:
    """A value of the settings."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {in_toml(each)}" for key, each in value.items()) + "}"
    return json.dumps(value)


def report(project: Project, folder: str = ".afterawait/latest") -> dict[str, Any]:
    """The files of coverage.json, by name."""
    files: dict[str, Any] = json.loads((project.root / folder / "coverage.json").read_text())["files"]
    return files


def percentages(project: Project, folder: str = ".afterawait/latest") -> dict[str, float]:
    """Of each file in coverage.json."""
    return {name: each["summary"]["percent_covered"] for name, each in report(project, folder).items()}


def is_whole(ended: Ended, named: str) -> None:
    """The run was believed, and it reached all of its source."""
    assert ended.status == 0, ended.output
    assert "canary alive in each" in ended.output
    assert f"coverage     {named} 100.00 % of lines" in ended.output
