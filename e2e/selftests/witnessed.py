"""The toy application's lines, and who ran them by the combined data. Test process of the selftests."""

from __future__ import annotations

from contextlib import closing

from coverage import CoverageData

from e2e.selftests.project import Project, application


def line(text: str, toy: str = "small") -> int:
    """The number of a toy application's line that holds `text`."""
    [number] = [number for number, each in enumerate(application(toy).splitlines(), 1) if text in each]
    return number


def contexts(project: Project) -> dict[int, list[str]]:
    """The contexts of each line of the toy application, in the combined data."""
    data = CoverageData(basename=str(project.root / ".coverage"))
    data.read()
    with closing(data):
        found = data.contexts_by_lineno(str((project.root / "toy/main.py").resolve()))
    return {number: sorted(names) for number, names in found.items()}
