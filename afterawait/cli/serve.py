"""The driver behind scripts/serve.sh: the live measured server for a person; Ctrl-C stops, combines, reports.

python -m afterawait.cli.serve [--fast] [--workers N]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from afterawait import arguments, mode, settings, signals, status, terminal
from afterawait.faults import ApplicationFault, Fault
from afterawait.reports import pipeline
from afterawait.runs import folder
from afterawait.runs.folder import Manifest, RunFolder
from afterawait.services.stack import ServiceStack
from afterawait.settings import Settings
from afterawait.status import Finding

PAUSE = 0.2  # seconds between two looks at whether the server lives


def main(given_arguments: Sequence[str]) -> int:
    """Serve until Ctrl-C; returns the exit status."""
    given = _parser().parse_args(given_arguments)
    signals.install(signals.once)
    findings: list[Finding] = []
    try:
        known = settings.load(Path.cwd())
        with folder.only_run(known.state):
            run = folder.fresh(known.state)
            chosen = mode.choose(fast=given.fast)
            partial = "a person explored, no test ran"
            run.write_manifest(Manifest.of(known.root, known.source, chosen, partial=partial, finished=True))
            findings += _serve(known, run, given.workers)
            if any(each.served for each in run.records()):
                findings += pipeline.conclude(known, [run], tests=False)[0]
    except Fault as fault:
        findings.append(Finding.of(fault))
    except KeyboardInterrupt:
        pass  # before it served: there is nothing to report
    terminal.conclude(findings)
    return status.first(findings)


def _serve(known: Settings, run: RunFolder, workers: int) -> list[Finding]:
    stack = ServiceStack(known, run, measured=True, workers=workers)
    try:
        terminal.say("starting", f"{known.app} ...")
        stack.open()
        server = stack.start("main")
        terminal.say("serving", f"{server.url}   on {stack.databases.version}, measured; Ctrl-C stops and reports")
        while (code := server.exit_code()) is None:
            time.sleep(PAUSE)
        hint = "Read its last lines above."
        return [Finding.of(ApplicationFault(f"The server ended with {code}.", hint=hint, detail=server.log_tail()))]
    except KeyboardInterrupt:
        print()
        terminal.say("stopping", "the server saves its data ...")
        return []
    finally:
        stack.close()


def _parser() -> arguments.Parser:
    parser = arguments.Parser(
        prog="scripts/serve.sh",
        description="Start the live measured server. Ctrl-C stops it, combines its data and reports.",
        epilog="AFTERAWAIT_PORT=8000 gives it a port of your choice; scripts/e2e.sh --help lists the environment.",
    )
    parser.add_argument(
        "--workers", type=arguments.positive, default=1, metavar="N", help="uvicorn worker processes (1)"
    )
    parser.add_argument("--fast", action="store_true", help="measure by sys.monitoring, as in scripts/e2e.sh")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
