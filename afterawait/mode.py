"""The two ways to measure that one coverage configuration serves, chosen by its variables. Driver process.

The default: C tracer, greenlet and thread, branches. `--fast`: sys.monitoring, lines alone, at about half the cost.
coverage.py's branches under sys.monitoring can be false (https://github.com/nedbat/coveragepy/issues/2172 and its
neighbours); before Python 3.14 it measures none, and falls back to the C tracer where it is asked to.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from afterawait import protocol

CORES = ("ctrace", "sysmon")
TRACERS = {"ctrace": "CTracer", "sysmon": "SysMonitor"}
"""By coverage.py's names of the two."""
VARIABLES = (protocol.CORE, protocol.CONCURRENCY, protocol.BRANCH)


@dataclass(frozen=True)
class MeasurementMode:
    """`core` and `branch` as in a coverage configuration's [run]."""

    core: str = "ctrace"
    branch: bool = True

    @property
    def monitored(self) -> bool:
        """Whether coverage.py measures by sys.monitoring."""
        return self.core == "sysmon"

    @property
    def counts_branches(self) -> bool:
        """Whether branches are measured and can be believed: no figure rests on others."""
        return self.branch and not self.monitored

    def environment(self) -> dict[str, str]:
        """The variables that the configuration reads."""
        if self.core == "ctrace":
            return {}
        return {
            protocol.CORE: self.core,
            protocol.CONCURRENCY: "thread",
            protocol.BRANCH: str(self.branch).lower(),
        }


FAST = MeasurementMode("sysmon", branch=False)


def choose(*, fast: bool) -> MeasurementMode:
    """The mode of this run, set for this process and all that it starts."""
    mode = FAST if fast else MeasurementMode()
    for name in VARIABLES:
        os.environ.pop(name, None)
    os.environ |= mode.environment()
    return mode
