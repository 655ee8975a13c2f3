"""The driver behind scripts/combine.sh: judge, combine, report and gate what runs left, here or elsewhere.

python -m afterawait.cli.combine DIR...      each holds a run's folder (.afterawait/run), or several in subfolders
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from pathlib import Path

from afterawait import arguments, settings, status, terminal
from afterawait.faults import EnvironmentFault, Fault
from afterawait.reports import combine, pipeline
from afterawait.runs import folder
from afterawait.runs.folder import MANIFEST, RunFolder
from afterawait.status import Finding, Status


def main(given_arguments: Sequence[str]) -> int:
    """Combine; returns the exit status."""
    given = _parser().parse_args(given_arguments)
    try:
        known = settings.load(Path.cwd())
        with folder.only_run(known.state):
            runs = [run for each in given.folders for run in _runs(given.origin / each)]
            findings, spent = pipeline.conclude(known, runs)
            findings += _of_all(runs)
    except Fault as fault:
        findings, spent = [Finding.of(fault)], {}
    terminal.say("time", terminal.seconds(spent))
    terminal.conclude(findings)
    return status.first(findings)


def _parser() -> arguments.Parser:
    parser = arguments.Parser(
        prog="scripts/combine.sh",
        description="Judge, combine, report and gate the data of runs: whole ones, or the shards of one.",
        epilog="Exit status as of scripts/e2e.sh. The gate applies only if the shards add up to a whole run.",
    )
    parser.add_argument("folders", nargs="+", metavar="DIR", help="holds a run's folder, or several in subfolders")
    parser.add_argument("--from", dest="origin", type=Path, default=Path(), help=argparse.SUPPRESS)
    return parser


def _runs(folder: Path) -> list[RunFolder]:
    """The run folders in `folder`, itself included. Raises EnvironmentFault where there is none."""
    found = [RunFolder(path.parent.resolve()) for path in sorted(folder.rglob(MANIFEST))]
    if not found:
        raise EnvironmentFault(
            f"{folder} holds no run: no {MANIFEST} is in it or below it.",
            hint="Give the folder that a shard's artifact was unpacked to; hidden files must be in the artifact.",
        )
    return found


def _of_all(runs: Sequence[RunFolder]) -> list[Finding]:
    """What the runs ended with, and what they lack to be a whole one: nobody reads the logs of every shard."""
    manifests = []
    for run in runs:
        with contextlib.suppress(Fault):  # judged unreadable already
            manifests.append(run.manifest())
    findings = [each for manifest in manifests for each in pipeline.told(manifest)]
    if not all(each.finished for each in manifests):
        message = "A run did not come to its end: what it had measured by then is all there is."
        findings.append(Finding(Status.MEASUREMENT, message, "Run that part again."))
    if missing := combine.missing_shards(manifests):
        message = f"Shard {', '.join(missing)} is not among these runs."
        findings.append(
            Finding(Status.ENVIRONMENT, message, "Look at that shard's job, and whether it uploaded .afterawait/run.")
        )
    return findings


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
