"""`afterawait combine`: judge, combine, report and gate what runs left, here or elsewhere. Driver process."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from afterawait.faults import Fault
    from afterawait.runs.folder import RunFolder

EPILOG = """\b
examples:
  afterawait combine artifacts/           all run folders below artifacts/
  afterawait combine .afterawait/latest   the last run once more
  afterawait combine .afterawait/latest --also .coverage
Exit status as of `afterawait run`. The gate applies only if the shards add up to a whole run: one that is missing, is
there twice or belongs to another run is named, status 3.
"""


@click.command(name="combine", epilog=EPILOG)
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DIR...")
@click.option(
    "--also",
    "others",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    metavar="FILE",
    help="Report a total with this coverage data file as well, the unit tests' .coverage say; it is only read, and the"
    " total is not judged. May be given several times.",
)
def command(folders: tuple[Path, ...], others: tuple[Path, ...]) -> int:
    """Judge, combine, report and gate the data of runs: whole ones, or the shards of one.

    Each DIR is a run's folder, the link .afterawait/latest, or a folder with several of them below it.
    """
    from afterawait import coverage_config, settings, terminal
    from afterawait.faults import Fault, Interruption, conclude
    from afterawait.reports import pipeline, total
    from afterawait.runs import folder, lock

    faults: list[Fault]
    spent: dict[str, float] = {}
    try:
        known = settings.load(Path.cwd())
        coverage_config.check(known)
        with lock.only_run(known.state, known.grace):
            runs = list({run.path: run for each in folders for run in _runs(each)}.values())
            total.check(others, runs)
            with folder.for_reports(known.state) as reports:
                faults, spent = pipeline.conclude(known, runs, into=reports)
                faults += total.report(known, reports, runs, others) if others else []
            faults += _of_all(runs)
    except Fault as fault:
        faults = [fault]
    except KeyboardInterrupt:
        faults = [Interruption()]
    if spent:
        terminal.say("time", terminal.seconds(spent))
    return conclude(faults)


def _runs(folder: Path) -> list[RunFolder]:
    """The run folders in `folder`, itself included. Raises EnvironmentFault where there is none."""
    from afterawait.faults import EnvironmentFault
    from afterawait.protocol import MANIFEST
    from afterawait.runs.folder import within

    found = within(folder)
    if not found:
        raise EnvironmentFault(
            f"{folder} holds no run: no {MANIFEST} is in it or below it.",
            hint="Give the folder that a shard's artifact was unpacked to; hidden files must be in the artifact.",
        )
    return found


def _of_all(runs: Sequence[RunFolder]) -> list[Fault]:
    """What the runs ended with, and what they lack to be a whole one: nobody reads the logs of every shard."""
    from afterawait.faults import Fault, MeasurementFault
    from afterawait.runs import shards
    from afterawait.runs.shards import Part

    parts = []
    for run in runs:
        with contextlib.suppress(Fault):  # judged unreadable already
            parts.append(Part(os.path.relpath(run.path), run.manifest()))
    faults = [each for part in parts for each in part.manifest.tests_faults()]
    if not all(each.manifest.finished for each in parts):
        message = "A run did not come to its end: what it had measured by then is all there is."
        faults.append(MeasurementFault(message, hint="Run that part again."))
    return [*faults, *(each.fault() for each in shards.examine(parts))]
