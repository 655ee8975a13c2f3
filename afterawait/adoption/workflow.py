"""A GitHub Actions workflow: shards, what they leave, and a job that combines and judges. Driver process."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from afterawait.adoption import services, tools
from afterawait.adoption.project import Project

NAME = Path(".github", "workflows", "afterawait.yml")
OLDEST, USUAL = (3, 12), "3.13"

TEXT = """\
# End-to-end tests: each shard runs its share against a live, measured server; the last job combines, judges and gates.
name: end-to-end

on:
  push:
    branches: [{branch}]
  pull_request:

permissions:
  contents: read
{defaults}
jobs:
  shard:
    runs-on: ubuntu-latest
    strategy:
      fail-fast: false
      matrix:
        shard: [1, 2]
    steps:
{steps}
      - run: {run}afterawait run --shard ${{{{ matrix.shard }}}}/2
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: afterawait-${{{{ matrix.shard }}}}
          path: | # what tests put into tmp_path is theirs
            {folder}.afterawait/runs
            !{folder}.afterawait/runs/*/tmp
          include-hidden-files: true
          overwrite: true # by a job that is run again: each shard counts once

  combine:
    needs: shard
    if: always()
    runs-on: ubuntu-latest
    steps:
{steps}
      - uses: actions/download-artifact@v4
        with:
          pattern: afterawait-*
          path: {folder}artifacts
      - run: {run}afterawait combine artifacts
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: coverage
          path: {folder}.afterawait/latest/
          include-hidden-files: true
"""


def place(project: Project) -> Path:
    """The file, in the repository that the project lies in."""
    return repository(project) / NAME


def repository(project: Project) -> Path:
    """The folder that holds .git, else the project's own."""
    root = project.root.resolve()
    return next((each for each in (root, *root.parents) if (each / ".git").exists()), root)


def text(project: Project, table: Mapping[str, Any]) -> str:
    """The workflow of this project, with these settings."""
    database = str(table.get("database", ""))
    steps = _steps(project, postgres=bool(database) and not database.startswith("sqlite"))
    started = [str(each.get("command", "")).partition(" ")[0] for each in table.get("services", ())]
    steps += [f"- run: sudo apt-get install --yes {each}" for each in started if each in services.PROGRAMS]
    below = os.path.relpath(project.root.resolve(), repository(project))
    folder = "" if below == os.curdir else f"{below}/"
    defaults = f"\ndefaults:\n  run:\n    working-directory: {below}\n" if folder else ""
    return TEXT.format(
        branch=_branch(project),
        defaults=defaults,
        steps="\n".join(f"      {line}" for line in steps),
        run=tools.of(project).run,
        folder=folder,
    )


def _branch(project: Project) -> str:
    head = project.root / ".git" / "HEAD"
    name = head.read_text(encoding="utf-8").strip().rpartition("/")[2] if head.is_file() else ""
    return name if name in {"main", "master", "trunk", "develop"} else "main"


def _steps(project: Project, *, postgres: bool) -> list[str]:
    """Check the project out, and install it."""
    package = '"afterawait[postgres]"' if postgres else "afterawait"
    python = _python(project)
    kind = tools.of(project)
    checkout = ["- uses: actions/checkout@v4"]
    setup = ["- uses: actions/setup-python@v5", f'  with: {{ python-version: "{python}" }}']
    declared = tools.declares(project, "afterawait")
    if kind is tools.UV:
        uv = [
            "- uses: astral-sh/setup-uv@v6",
            f'  with: {{ python-version: "{python}" }}',
            "- run: uv sync --all-groups",
        ]
        return [*checkout, *uv, *([] if declared else [f"- run: uv pip install {package}"])]
    if kind is tools.POETRY:
        installed = ["- run: pip install poetry", "- run: poetry install"]
        return [*checkout, *setup, *installed, *([] if declared else [f"- run: poetry run pip install {package}"])]
    files = sorted(str(path) for path in project.files if path.match("requirements*.txt") and len(path.parts) == 1)
    options = " ".join(f"-r {each}" for each in files)
    own = "-e . " if project.table("project") and not files else ""
    return [*checkout, *setup, f"- run: pip install {own}{options}{' ' if options else ''}{package}"]


def _python(project: Project) -> str:
    """The version that the project is developed with, if measuring is exact there."""
    stated = project.text(".python-version").strip()
    wanted = str(project.table("project").get("requires-python", ""))
    for each in (stated, *re.findall(r">=\s*([\d.]+)", wanted)):
        version = tuple(int(part) for part in re.findall(r"\d+", each)[:2])
        if version > OLDEST:
            return ".".join(map(str, version))
    return USUAL
