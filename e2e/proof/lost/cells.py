"""Every combination that is asked about. Proof process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

FOUNDING = ("founding, in process", "founding, live")
WIDE = ("wide, one by one", "wide, at once")
"""Apart, in processes of their own: what one of them lost the other might have seen."""
WITHOUT = "none"
"""In place of a version of SQLAlchemy: the control, asyncpg alone."""
FOUNDING_ONLY = ("1.4",)
WIDE_SINCE = (3, 12)
CORES = {"ctrace": "C tracer", "pytrace": "Python tracer", "sysmon": "sysmon"}


@dataclass(frozen=True)
class Setting:
    """How coverage.py is set; `core` and `concurrency` as in .coveragerc."""

    core: str
    concurrency: str

    @property
    def ours(self) -> bool:
        """Whether this project measures so: by default, or with --fast."""
        return self in OURS

    def __str__(self) -> str:
        return f"{CORES[self.core]}, {self.concurrency.replace(', ', ' + ')}"


SETTINGS = tuple(Setting(core, how) for core, how in product(CORES, ("thread", "greenlet", "greenlet, thread")))
OURS = (Setting("ctrace", "greenlet, thread"), Setting("sysmon", "thread"))


@dataclass(frozen=True)
class Libraries:
    """An interpreter and a version of SQLAlchemy ("2.1", or WITHOUT): one environment."""

    python: tuple[int, int]
    sqlalchemy: str

    @property
    def name(self) -> str:
        """Of its folder, and for people."""
        return f"py{self.python[0]}.{self.python[1]}-sqlalchemy-{self.sqlalchemy}"


@dataclass(frozen=True)
class Cell:
    """One program in one environment, on one database, measured in one setting."""

    case: str
    libraries: Libraries
    database: str
    setting: Setting

    def __str__(self) -> str:
        return f"{self.setting}, {self.libraries.name}, {self.database}, {self.case}"

    @property
    def ours(self) -> bool:
        """Whether this project says that nothing is lost here."""
        return self.setting.ours and self.libraries.python >= WIDE_SINCE


@dataclass(frozen=True)
class Outcome:
    """Lines that ran, by the oracle; of these, how many coverage.py denies; and how many it claims that did not run.

    `told` is "" where it was measured, else why it was not: what coverage.py says, or what could not be built or run.
    """

    ran: int = 0
    lost: int = 0
    invented: int = 0
    told: str = ""
    examples: tuple[str, ...] = ()


def cells(libraries: Sequence[Libraries], settings: Sequence[Setting] = SETTINGS) -> Iterator[Cell]:
    """All of them, those of one environment beside each other."""
    for each in libraries:
        databases = ("asyncpg",) if each.sqlalchemy == WITHOUT else ("aiosqlite", "asyncpg")
        wide = WIDE if each.python >= WIDE_SINCE and each.sqlalchemy not in FOUNDING_ONLY else ()
        for case, database, setting in product((*FOUNDING, *wide), databases, settings):
            yield Cell(case, each, database, setting)
