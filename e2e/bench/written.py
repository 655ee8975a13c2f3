"""The results as they are kept in the repository: raw figures, tables, plots. Benchmark process.

Tables and plots are made of `results.json` alone; a part that is measured again takes the place of its old figures.
"""

from __future__ import annotations

import json
from pathlib import Path

from afterawait.faults import EnvironmentFault
from e2e import figures
from e2e.bench import bars, plots, tables
from e2e.bench.options import PARTS
from e2e.bench.results import Figures

RESULTS = "results.json"
INTRODUCTION = """\
# What measuring costs

Made by `scripts/bench.sh --write`, which measures it on your machine; `results.json` has the figures.
"""
HEADINGS = {
    "server": "What it costs the server",
    "suite": "What it costs the suite",
    "scale": "How it grows",
    "start": "What a start costs",
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


def add(folder: Path, part: str, found: Figures) -> None:
    """Keep a part's figures, and make everything anew that is made of them."""
    known = _known(folder) | {part: found}
    (folder / RESULTS).write_text(figures.dumps(known) + "\n", encoding="utf-8")
    parts = [_part(each, known[each], drawn=plots.draw(folder, each, known[each])) for each in PARTS if each in known]
    (folder / "README.md").write_text("\n".join([INTRODUCTION, *parts]), encoding="utf-8")


def _known(folder: Path) -> dict[str, Figures]:
    path = folder / RESULTS
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        known: dict[str, Figures] = json.loads(text or "{}")
    except ValueError as error:
        raise EnvironmentFault(f"{path} is no JSON: {error}.", hint="Remove it.") from None
    return known


def _part(part: str, found: Figures, *, drawn: bool) -> str:
    lines = [f"## {HEADINGS[part]}", "", _where(found["machine"]), ""]
    if drawn:
        lines += [f"![{HEADINGS[part]}: the figures of the tables below, plotted]({part}.svg)", ""]
    for table in tables.PARTS[part](found):
        lines += [table.markdown(), ""]
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
