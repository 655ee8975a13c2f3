"""`afterawait serve`: the live measured server for a person; Ctrl-C stops, combines, reports. Driver process."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from afterawait.faults import Fault
    from afterawait.runs.folder import RunFolder
    from afterawait.settings import Settings
    from afterawait.signals import Once

PAUSE = 0.2  # seconds between two looks at whether the server lives

EPILOG = """\b
examples:
  afterawait serve                        on a free port of 127.0.0.1
  AFTERAWAIT_PORT=8000 afterawait serve   on a port of your choice
"""


@click.command(name="serve", epilog=EPILOG)
@click.option("--fast", is_flag=True, help="Measure by sys.monitoring, as in `afterawait run`.")
@click.option("--workers", type=click.IntRange(min=1), default=1, metavar="N", help="uvicorn worker processes (1).")
def command(fast: bool, workers: int) -> int:
    """Start the live measured server. Ctrl-C stops it, combines its data and reports."""
    from afterawait import coverage_config, mode, settings, signals
    from afterawait.faults import Fault, conclude
    from afterawait.reports import pipeline
    from afterawait.reports.counted import must_be_readable
    from afterawait.runs import folder, lock, survivors
    from afterawait.runs.manifest import Manifest

    interrupts = signals.Once()
    faults: list[Fault] = []
    try:
        known = settings.load(Path.cwd())
        known.require_server()
        coverage_config.check(known)
        with lock.only_run(known.state, known.grace):
            chosen = coverage_config.mode_of(known, mode.choose(fast=fast))
            partial = "a person explored, no test ran"
            begun = Manifest.of(known.root, known.source, chosen, partial=partial, finished=True)
            must_be_readable(known, begun.sources)
            run = folder.begin(known.state, keep=known.keep_runs, grace=known.grace)
            run.write_manifest(begun)
            coverage_config.prepare(known, run.path, chosen)
            with survivors.swept(run, known.grace):
                faults += _serve(known, run, workers, interrupts)
                faults += [each for each in [survivors.end(run, known.grace)] if each is not None]
            if run.may_have_served():
                faults += pipeline.conclude(known, [run], tests=False)[0]
    except Fault as fault:
        faults.append(fault)
    except KeyboardInterrupt:
        pass  # before it served: there is nothing to report
    return conclude(faults)


def _serve(settings: Settings, run: RunFolder, workers: int, interrupts: Once) -> list[Fault]:
    from afterawait import terminal
    from afterawait.faults import ApplicationFault
    from afterawait.preflight.checks import must_pass
    from afterawait.services.deaths import at_stop, ending
    from afterawait.services.stack import ServiceStack

    stack = ServiceStack(settings, run, measured=True, workers=workers)
    try:
        terminal.say("starting", f"{settings.tested} ...")
        if note := must_pass(settings, run):
            terminal.say("app", note)
        stack.open()
        server = stack.start("main")
        for each in stack.beside.processes:
            terminal.say("beside", each.line)
        terminal.say("serving", f"{server.url}   {stack.databases.version}, measured; Ctrl-C stops and reports")
        while (code := server.exit_code()) is None:
            time.sleep(PAUSE)
            if (dead := stack.beside.dead()) is not None:
                return [dead]
            interrupts.look()
        message = f"The server ended with {ending(code)}."
        return [ApplicationFault(message, hint="Read its last lines above.", detail=server.log_tail())]
    except KeyboardInterrupt:
        print()
        terminal.say("stopping", "the server saves its data ...")
        return [fault for each in stack.everything if (fault := at_stop(each)) is not None]
    finally:
        stack.close()
