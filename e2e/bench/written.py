"""The results as they are kept in the repository: raw figures, tables, plots. Benchmark process.

Tables and plots are made of `results.json` alone; a part that is measured again takes the place of its old figures.
"""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

from afterawait.faults import EnvironmentFault
from e2e.bench import bars, tables
from e2e.bench.options import ALL
from e2e.bench.results import Figures

RESULTS = "results.json"
INTRODUCTION = """\
# What measuring costs

Made by `scripts/bench.sh --write`, which measures it on your machine; `results.json` has the figures unrounded.
"""
HEADINGS = {
    "server": "What it costs the server",
    "growth": "Memory over many requests",
    "suite": "What it costs the suite",
    "scale": "How it grows",
}


def check(folder: Path) -> None:
    """Raise EnvironmentFault before anything is measured where the results could not be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / RESULTS).touch()
    except OSError as error:
        raise EnvironmentFault(
            f"{folder} cannot be written: {error.strerror}.", hint="Choose another folder."
        ) from None
    _known(folder)
    if importlib.util.find_spec("matplotlib") is None:
        raise EnvironmentFault("matplotlib is not installed.", hint="Run scripts/bench.sh, which installs it.")


def add(folder: Path, part: str, found: Figures) -> None:
    """Keep a part's figures, and make everything anew that is made of them."""
    from e2e.bench import plots

    known = _known(folder) | {part: found}
    (folder / RESULTS).write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    parts = [INTRODUCTION]
    for each in ALL:
        if each in known:
            drawn = plots.draw(folder, each, known[each])
            parts.append(_part(each, known[each], drawn))
    (folder / "README.md").write_text("\n".join(parts), encoding="utf-8")


def _known(folder: Path) -> dict[str, Figures]:
    path = folder / RESULTS
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        known: dict[str, Figures] = json.loads(text or "{}")
    except ValueError as error:
        raise EnvironmentFault(f"{path} is no JSON: {error}.", hint="Remove it.") from None
    return known


def _part(part: str, found: Figures, drawn: list[str]) -> str:
    lines = [f"## {HEADINGS[part]}", "", _where(found["machine"]), ""]
    for name in drawn:
        lines += [
            "<picture>",
            f'  <source media="(prefers-color-scheme: dark)" srcset="{name}-dark.svg">',
            f'  <img alt="{HEADINGS[part]}: the figures of the tables below, plotted" src="{name}-light.svg">',
            "</picture>",
            "",
        ]
    for table in tables.PARTS[part](found):
        lines += [table.markdown().replace("## ", "### ", 1), ""]
    if told := bars.of(part, found):
        lines += ["```", *map(str, told), "```", ""]
    return "\n".join(lines)


def _where(machine: Figures) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    quick = "**A quick run: an impression, no measurement.** " if machine.get("quick") else ""
    return (
        f"{quick}{machine['when']}; {machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB; "
        f"{machine['system']}, Python {machine['python']}; {packages}."
    )
