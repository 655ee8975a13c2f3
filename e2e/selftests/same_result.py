"""All that a run, or a combination of shards, says of its application, to be compared. Test process of selftests."""

from __future__ import annotations

import json
import re
from contextlib import closing
from typing import Any

from coverage import CoverageData

from e2e.selftests.project import Ended, Project


def data_of(project: Project) -> dict[str, Any]:
    """The combined data: by file below the root, its arcs or lines, and the contexts of each line."""
    data = CoverageData(basename=str(project.root / ".coverage"))
    data.read()
    with closing(data):
        return {
            name.removeprefix(f"{project.root.resolve()}/"): (
                sorted(data.arcs(name) or ()),
                sorted(data.lines(name) or ()),
                {line: sorted(whose) for line, whose in data.contexts_by_lineno(name).items()},
            )
            for name in data.measured_files()
        }


def report_of(project: Project) -> Any:
    """coverage.json, but for when it was made."""
    report = json.loads((project.root / "coverage.json").read_text(encoding="utf-8"))
    return {**report, "meta": None}


def printed(ended: Ended) -> list[str]:
    """The table, and the line of the gate."""
    kept = re.compile(r"Name |-+$|TOTAL|(toy|tests)/\S+ +\d|coverage |gate ")
    return [line.rstrip() for line in ended.output.splitlines() if kept.match(line)]


def who(project: Project, *place: str) -> Any:
    """The answer of `afterawait who`."""
    ended = project.run("--json", *place, module="who")
    assert ended.status == 0, ended.output
    return json.loads(ended.output)


def everything(project: Project, ended: Ended) -> dict[str, Any]:
    """All of it."""
    return {
        "data": data_of(project),
        "report": report_of(project),
        "printed": printed(ended),
        "who": who(project, "toy/main.py"),
        "unreached": who(project, "--unreached"),
    }
