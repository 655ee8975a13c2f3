"""scripts/bench.sh at its smallest: what it prints, writes and refuses. No timing is judged. Test process."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from e2e.bench import bars, starting, tables, written
from e2e.bench.cell import Took
from e2e.bench.scale import Cell, measure
from e2e.bench.synthetic import Size
from e2e.selftests.project import ROOT

SECONDS = {"verdict": 0.1, "combine": 6.0, "reports": 1.0, "who": 0.2}


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, as the script does."""
    mine = re.compile(r"COVERAGE_|AFTERAWAIT_|PYTEST_|DATABASE_URL|PYTHONDONTWRITEBYTECODE")
    env = {name: value for name, value in os.environ.items() if not mine.match(name)}
    command = [sys.executable, "-m", "e2e.bench", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_a_small_benchmark_of_the_server_tells_every_figure() -> None:
    """Of one measurement mode and the bare server."""
    ended = bench("server", "--mode", "witness", "--rounds", "2", "--requests", "8", "--json")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = json.loads(ended.stdout)["server"]
    assert [row["mode"] for row in found["modes"]] == ["bare", "witness"]
    assert found["machine"]["cores"] == os.cpu_count()
    for row in found["modes"]:
        assert min(row["memory_mb"], row["ready_seconds"], row["start_cpu_seconds"]) > 0
        assert list(row["endpoints"]) == ["light", "list", "write"]
        for cell in row["endpoints"].values():
            assert len(cell["ratio"]) == 3
            assert 0 < cell["p50_ms"] <= cell["p99_ms"]
            assert min(cell["per_second"], cell["cpu_ms"], cell["generator_ms"], cell["busy"]) > 0
    assert [table.head[0] for table in tables.server(found)] == ["", "", ""]
    assert [bar.value is None for bar in bars.of("server", found)] == [False, True]


@pytest.mark.parametrize("branches", [True, False], ids=["branches", "lines"])
def test_a_made_up_run_is_believed_combined_and_asked(tmp_path: Path, branches: bool) -> None:
    """By what does so in real ones; else the cell says why not."""
    [cell] = measure(tmp_path, [Size(12, 1000, processes=2, branches=branches)], lambda _: None)

    assert cell.why_not == ""
    assert cell.took is not None
    assert min(cell.took.witness_mb, cell.took.combine, cell.took.reports, cell.took.who, cell.took.peak_mb) > 0
    assert not list(tmp_path.iterdir())


def test_a_cell_that_takes_too_long_is_not_run_and_says_so(tmp_path: Path) -> None:
    """Its process ends, and what it wrote is gone."""
    [cell] = measure(tmp_path, [Size(10_000, 50_000)], lambda _: None, seconds=0.5)

    assert cell == Cell(Size(10_000, 50_000), None, "it takes more than 0.5 s")
    assert not list(tmp_path.iterdir())


def scaled(*cells: Cell) -> dict[str, object]:
    """Figures of these cells, as they are kept."""
    machine = {"when": "today", "cpu": "a CPU", "cores": 2, "memory_gb": 4, "system": "Linux", "python": "3.13"}
    return {
        "cells": [asdict(each) for each in cells],
        "machine": machine | {"packages": {"coverage": "7"}},
    }


def test_what_is_written_has_tables_plots_and_bars(tmp_path: Path) -> None:
    """A cell that was not run has its reason in the table's stead of a figure; other parts stay as they are."""
    took = Took(witness_mb=1.0, peak_mb=50.0, **SECONDS)
    (tmp_path / "results.json").write_text('{"of another day": {}}')

    written.check(tmp_path)
    written.add(
        tmp_path, "scale", scaled(Cell(Size(10_000, 2_000), took), Cell(Size(10, 50_000), None, "it is too much"))
    )

    page = (tmp_path / "README.md").read_text()
    assert "a CPU, 2 cores" in page
    assert "MISSED   combine of 10,000 tests by 2,000 lines, a part of it each: 6.00 s, at most 5 s" in page
    assert "not run, 10 x 50,000, branches: it is too much." in page
    assert re.search(r"\| 10,000 x 2,000 \| branches \| +5% \|", page)
    assert re.findall(r"\]\(([^)]+)\)", page) == ["scale.svg"]
    drawn = ET.fromstring((tmp_path / "scale.svg").read_text())  # noqa: S314  # it was written a moment ago
    assert "prefers-color-scheme: dark" in (drawn.findtext("{*}style") or "")
    assert len(drawn.findall("{*}circle")) == 2  # one cell was measured: its combine and its reports
    assert json.loads((tmp_path / "results.json").read_text()).keys() == {"of another day", "scale"}


def test_a_start_tells_what_it_costs_and_how_long_help_takes(tmp_path: Path) -> None:
    """Over a bare interpreter's; the bar is held against it."""
    found = asdict(starting.measure(tmp_path, files=20))

    middle, low, high = found["help"]
    assert 0 < low <= middle <= high
    assert min(found["bare"], found["interpreter"]) > 0
    assert "`afterawait --help`" in tables.start(found)[0].markdown()
    assert [bar.value for bar in bars.of("start", found)] == [middle]


def test_docs_bench_is_made_of_the_figures_that_are_kept(tmp_path: Path) -> None:
    """Made anew of results.json alone, the page and every plot are as they stand in docs/bench."""
    kept = ROOT / "docs" / "bench"
    shutil.copy(kept / "results.json", tmp_path)

    written.add(tmp_path, "server", json.loads((kept / "results.json").read_text())["server"])

    anew, there = ({path.name: path.read_text() for path in folder.iterdir()} for folder in (tmp_path, kept))
    assert anew == there


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["server", "--mode", "nonsense"], "environment (4): There is no measurement mode nonsense here."),
        (["server", "--rounds", "0"], "'0' is no number of rounds"),
        (["server", "--requests", "3"], "'3' is no number of requests"),
        (["nothing"], "invalid choice: 'nothing'"),
        (["scale", "--write", "pyproject.toml"], "pyproject.toml cannot be written"),
    ],
    ids=["mode", "rounds", "requests", "part", "folder"],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(arguments: list[str], said: str) -> None:
    """With status 4, and before anything is measured."""
    ended = bench(*arguments)

    assert ended.returncode == 4, ended.stdout + ended.stderr
    assert said in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
