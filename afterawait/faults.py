"""What can go wrong in a run, for people: every error says what failed and what to do. Test process.

E2EError
├── EnvironmentFault   4  the machine: no PostgreSQL, no permission, a port taken, another run
├── ApplicationFault   1  the service under test cannot start, or died
└── MeasurementFault   3  coverage data that cannot be trusted
"""

from __future__ import annotations

from typing import ClassVar


class Fault(Exception):
    """A fault with one sentence on what failed and one on what to do about it.

    `detail` is what to read for the cause (the last lines of a log, say), `status` the exit status it maps to.
    """

    status: ClassVar[int] = 4

    def __init__(self, message: str, *, hint: str, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.detail = detail

    def __str__(self) -> str:
        parts = [self.message, self.detail.rstrip(), self.hint]
        return "\n".join(part for part in parts if part)


class EnvironmentFault(Fault):
    """The machine or its configuration is at fault; no statement about the application is made."""

    status = 4


class ApplicationFault(Fault):
    """The application under test cannot be imported or started, or it ended by itself."""

    status = 1


class MeasurementFault(Fault):
    """The coverage data are missing, damaged, or not to be believed."""

    status = 3
