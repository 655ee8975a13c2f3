"""The entry behind scripts/e2e.sh: ready for Ctrl-C before anything heavy is imported. Driver process.

python -m afterawait.cli.__main__ [--fast] [--workers N] [--shard I/N] [any option or path of pytest]
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from afterawait import terminal
from afterawait.signals import INTERRUPTED, Interrupts
from afterawait.status import Status

HELP = """\
usage: scripts/e2e.sh [--fast] [--with-session NAME] [--workers N] [--shard I/N] [-n N] [options and paths of pytest]

Tests the live server over HTTP, measures it past every await, merges the data of all processes, reports.

  --fast        measure by sys.monitoring: half the cost; before Python 3.14 lines alone, no branches
  --with-session NAME   show what an explored session reached beside the report; it never counts
  --workers N   uvicorn worker processes a server (1)
  --shard I/N   run the I-th of N shares; gates nothing, scripts/combine.sh puts the shares together
  -n N          N test processes (pytest-xdist), each with a server and a database of its own
                (2 for a run without other options than the above, where there are two cores; else 0)
  -k, -x, --lf, a path ...   as in pytest; a run of selected tests reports and never gates
  --collect-only, --fixtures, --version ...   as in pytest; nothing is started

environment:
{variables}

exit status: 0 good, 1 a test failed or the application did, 2 coverage is under fail_under,
  3 the measurement cannot be trusted, 4 the environment is at fault, 130 interrupted
"""

# With these pytest only tells something: nothing is started, nothing is measured.
TELLING = {
    *("-V", "--version", "--co", "--collect-only", "--fixtures", "--fixtures-per-test", "--funcargs", "--markers"),
    *("--setup-plan", "--xkill", "--xshow", "--cache-show"),
}


def main(given: Sequence[str]) -> int:
    """Run; returns the exit status."""
    if {"-h", "--help"} & set(given):
        from afterawait.settings import ENVIRONMENT

        variables = "\n".join(f"  {name:<13} {text}" for name, text in ENVIRONMENT.items())
        print(HELP.format(variables=variables), end="")
        return Status.GOOD
    if TELLING & set(given):
        told = subprocess.run([sys.executable, "-m", "pytest", *given], check=False)
        return Status.ENVIRONMENT if told.returncode else Status.GOOD
    try:
        interrupts = Interrupts()
        from afterawait.cli import run

        return run.main(given, interrupts)
    except KeyboardInterrupt:
        terminal.conclude([INTERRUPTED])
        return INTERRUPTED.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
