"""The two ways to measure that one .coveragerc serves, chosen by its variables. Driver process.

The default: C tracer, greenlet and thread, branches. `--fast`: sys.monitoring, at about half the cost; coverage.py
measures no branches with it before Python 3.14 and would fall back to the C tracer if it were asked to.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

BRANCHES_SINCE = (3, 14)
VARIABLES = ("AFTERAWAIT_CORE", "AFTERAWAIT_CONCURRENCY", "AFTERAWAIT_BRANCH")


@dataclass(frozen=True)
class MeasurementMode:
    """`core` as in .coveragerc; whether branches are measured."""

    core: str = "ctrace"
    branch: bool = True

    def environment(self) -> dict[str, str]:
        """The variables that .coveragerc reads."""
        if self.core == "ctrace":
            return {}
        return {
            "AFTERAWAIT_CORE": self.core,
            "AFTERAWAIT_CONCURRENCY": "thread",
            "AFTERAWAIT_BRANCH": str(self.branch).lower(),
        }


FAST = MeasurementMode("sysmon", sys.version_info >= BRANCHES_SINCE)


def choose(*, fast: bool) -> MeasurementMode:
    """The lane of this run, set for this process and all that it starts."""
    lane = FAST if fast else MeasurementMode()
    for name in VARIABLES:
        os.environ.pop(name, None)
    os.environ |= lane.environment()
    return lane
