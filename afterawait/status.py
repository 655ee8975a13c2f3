"""Exit statuses, and the sentences that explain them. Driver process.

0 good; 1 a test failed, or the application cannot start or died; 2 coverage is under `fail_under`; 3 the
measurement cannot be trusted; 4 the environment is at fault; 130 interrupted.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from afterawait.faults import Fault


class Status(enum.IntEnum):
    """What scripts/e2e.sh and scripts/combine.sh exit with."""

    GOOD = 0
    TESTS = 1
    COVERAGE = 2
    MEASUREMENT = 3
    ENVIRONMENT = 4
    INTERRUPTED = 130


# Where several apply, all are printed and the first of these is the status.
PRECEDENCE = (Status.INTERRUPTED, Status.ENVIRONMENT, Status.TESTS, Status.MEASUREMENT, Status.COVERAGE)


@dataclass(frozen=True)
class Finding:
    """One reason for a status other than 0: what is the matter, and what to do."""

    status: Status
    message: str
    hint: str
    detail: str = ""

    @classmethod
    def of(cls, fault: Fault) -> Finding:
        """An error as a finding."""
        return cls(Status(fault.status), fault.message, fault.hint, fault.detail)


def first(findings: Iterable[Finding]) -> Status:
    """The status that these add up to."""
    present = {each.status for each in findings}
    return next((status for status in PRECEDENCE if status in present), Status.GOOD)
