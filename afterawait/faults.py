"""What can go wrong in a run, in one shape, and what becomes of it: the last lines and the exit status.

Fault
├── SuiteFault         1  tests failed, or were not run to their end
├── ApplicationFault   1  the service under test cannot start, or died
├── CoverageFault      2  coverage is under `fail_under`
├── MeasurementFault   3  coverage data that cannot be trusted
├── EnvironmentFault   4  the machine, a setting, the command line: no PostgreSQL, a port taken, another run
└── Interruption     130  somebody asked the run to end

Driver and test process.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from afterawait import protocol, terminal


class Status(enum.IntEnum):
    """What the commands exit with."""

    GOOD = protocol.GOOD
    TESTS = protocol.TESTS
    COVERAGE = protocol.COVERAGE
    MEASUREMENT = protocol.MEASUREMENT
    ENVIRONMENT = protocol.ENVIRONMENT
    INTERRUPTED = protocol.INTERRUPTED


PRECEDENCE = (Status.INTERRUPTED, Status.ENVIRONMENT, Status.TESTS, Status.MEASUREMENT, Status.COVERAGE)
"""Where several apply, all are printed and the first of these is the status."""


class Fault(Exception):
    """One reason for a status other than 0. `message` says what failed and why, `hint` what to do about it.

    `detail` is what to read for the cause: the last lines of a log, say.
    """

    status: ClassVar[Status] = Status.ENVIRONMENT

    def __init__(self, message: str, *, hint: str, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.detail = detail

    def __str__(self) -> str:
        parts = [self.message, self.detail.rstrip(), self.hint]
        return "\n".join(part for part in parts if part)

    def payload(self) -> dict[str, Any]:
        """The fault as it stands in a run's manifest; JSON-able."""
        return {"status": int(self.status), "message": self.message, "hint": self.hint, "detail": self.detail}


class SuiteFault(Fault):
    """Tests failed, or were not run to their end."""

    status = Status.TESTS


class ApplicationFault(Fault):
    """The application under test cannot be imported or started, or it ended by itself."""

    status = Status.TESTS


class CoverageFault(Fault):
    """The application's coverage is under `fail_under`."""

    status = Status.COVERAGE


class MeasurementFault(Fault):
    """The coverage data are missing, damaged, or not to be believed."""

    status = Status.MEASUREMENT


class EnvironmentFault(Fault):
    """The machine or its configuration is at fault; no statement about the application is made."""

    status = Status.ENVIRONMENT


class Interruption(Fault):
    """Somebody asked the run to end."""

    status = Status.INTERRUPTED

    def __init__(self) -> None:
        super().__init__("The run was interrupted.", hint="What is reported above is partial: run it again.")


_BY_STATUS: Mapping[Status, type[Fault]] = {
    each.status: each for each in (SuiteFault, CoverageFault, MeasurementFault, EnvironmentFault)
}


def from_payload(payload: Mapping[str, Any]) -> Fault:
    """The fault that `Fault.payload` wrote. Raises ValueError where it is none."""
    if payload.keys() != {"status", "message", "hint", "detail"}:
        raise ValueError(f"{dict(payload)} is no fault")
    status = Status(payload["status"])
    if status is Status.INTERRUPTED:
        return Interruption()
    if status is Status.GOOD:
        raise ValueError(f"{dict(payload)} is no fault")
    return _BY_STATUS[status](payload["message"], hint=payload["hint"], detail=payload["detail"])


_NAMES = {
    Status.TESTS: "tests",
    Status.COVERAGE: "coverage",
    Status.MEASUREMENT: "measurement",
    Status.ENVIRONMENT: "environment",
    Status.INTERRUPTED: "interrupted",
}


def conclude(faults: Iterable[Fault]) -> Status:
    """Print every fault once, the most serious last, where the eye is; returns the status they add up to."""
    ordered = sorted(faults, key=lambda each: PRECEDENCE.index(each.status), reverse=True)
    for each in {(each.status, each.message): each for each in ordered}.values():
        print()
        for line in each.detail.rstrip().splitlines():
            print(f"    {line}")
        print(f"{terminal.paint(_NAMES[each.status], 'red')} ({int(each.status)}): {each.message}")
        print(f"    {each.hint}", flush=True)
    return ordered[-1].status if ordered else Status.GOOD
