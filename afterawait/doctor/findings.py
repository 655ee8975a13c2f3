"""What a check has found, in one shape: for a terminal, for a machine, for the lines to change. Driver process."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Level(enum.StrEnum):
    """How much a check's answer weighs; the first is what makes the exit status 3."""

    WRONG = "wrong"
    NOTE = "note"
    GOOD = "good"


@dataclass(frozen=True)
class Change:
    """An option of a coverage configuration, "run:concurrency", that is to have `values` among its own, or one value.

    `without` are values that it must not have; with neither the option is to be left out.
    """

    option: str
    values: tuple[str, ...] = ()
    value: str | bool | None = None
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """`what` is wrong, as one sees it; `why`, with the place; what it `costs`; what is to be changed.

    `seen` is what the canary has shown. `steps` are what to do that is no line of a coverage configuration.
    """

    level: Level
    what: str
    why: str
    costs: str
    docs: str
    seen: str = ""
    changes: tuple[Change, ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Checked:
    """The answer of one check: a line, and what it has found. `said` is the line where there is nothing wrong.

    `least` is its level where another check's findings explain what it has seen.
    """

    name: str
    said: str
    findings: tuple[Finding, ...] = field(default=())
    least: Level = Level.GOOD

    @property
    def level(self) -> Level:
        """The gravest of its findings'."""
        levels = {self.least, *(each.level for each in self.findings)}
        return next((each for each in Level if each in levels), Level.GOOD)

    @property
    def line(self) -> str:
        """What is said of it in one line."""
        first = next((each for each in self.findings if each.level is self.level), None)
        return self.said if first is None else first.what


def wrong(what: str, **more: object) -> Finding:
    """A finding that makes the coverage wrong."""
    return Finding(Level.WRONG, what, **more)  # type: ignore[arg-type]


def note(what: str, **more: object) -> Finding:
    """A finding that is to be known, and makes nothing wrong here."""
    return Finding(Level.NOTE, what, **more)  # type: ignore[arg-type]
