"""`afterawait record -- COMMAND...`: measures whatever that starts; Ctrl-C judges and reports. Driver process."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from afterawait.faults import Fault

EPILOG = """\b
examples:
  afterawait record -- uvicorn shop.main:app --workers 2
  afterawait record -- honcho start
  afterawait record -- python -m shop.worker
In COMMAND, {port} is a free port, and {db.url} a database of its own, as in [tool.afterawait].server.
"""


@click.command(name="record", epilog=EPILOG, context_settings={"ignore_unknown_options": True})
@click.option("--fast", is_flag=True, help="Measure by sys.monitoring, as in `afterawait run`.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
def command(fast: bool, command: tuple[str, ...]) -> int:
    """Measure all Python processes that COMMAND starts, until they have ended; Ctrl-C ends them, judges and reports."""
    from afterawait import coverage_config, mode, settings, signals
    from afterawait.cli import recording
    from afterawait.faults import Fault, conclude
    from afterawait.reports import pipeline
    from afterawait.reports.counted import must_be_readable
    from afterawait.runs import folder, lock, survivors
    from afterawait.runs.manifest import Manifest

    interrupts = signals.Once()
    faults: list[Fault] = []
    try:
        known = settings.load(Path.cwd(), server=shlex.join(command))
        coverage_config.check(known)
        with lock.only_run(known.state, known.grace):
            chosen = coverage_config.mode_of(known, mode.choose(fast=fast))
            partial = "a command was recorded, no test ran"
            begun = Manifest.of(known.root, known.source, chosen, partial=partial, finished=True, recorded=True)
            must_be_readable(known, begun.sources)
            run = folder.begin(known.state, keep=known.keep_runs, grace=known.grace)
            run.write_manifest(begun)
            with survivors.swept(run, known.grace):
                faults += recording.record(known, run, interrupts)
                faults += [each for each in [survivors.end(run, known.grace)] if each is not None]
            if run.records() or run.unreadable_records():
                faults += pipeline.conclude(known, [run], tests=False)[0]
    except Fault as fault:
        faults.append(fault)
    except KeyboardInterrupt:
        pass  # before it started: there is nothing to report
    return conclude(faults)
