"""What a person reads at the end of a run: colours on a terminal only, and never with NO_COLOR. Driver process."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping

from afterawait.status import PRECEDENCE, Finding, Status

_COLOURS = {"red": "31", "green": "32", "yellow": "33", "bold": "1"}

_NAMES = {
    Status.TESTS: "tests",
    Status.COVERAGE: "coverage",
    Status.MEASUREMENT: "measurement",
    Status.ENVIRONMENT: "environment",
    Status.INTERRUPTED: "interrupted",
}


def paint(text: str, colour: str) -> str:
    """`text` in `colour` where somebody sees colours, else as it is."""
    if os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        return text
    return f"\033[{_COLOURS[colour]}m{text}\033[0m"


def say(topic: str, text: str) -> None:
    """One line under a topic."""
    print(f"{paint(f'{topic:<12}', 'bold')} {text}", flush=True)


def conclude(findings: Iterable[Finding]) -> None:
    """Every finding, the most serious last, where the eye is: what it is, its detail, and what to do."""
    ordered = sorted(findings, key=lambda each: PRECEDENCE.index(each.status), reverse=True)
    for each in {(each.status, each.message): each for each in ordered}.values():
        print()
        for line in each.detail.rstrip().splitlines():
            print(f"    {line}")
        print(f"{paint(_NAMES[each.status], 'red')} ({int(each.status)}): {each.message}")
        print(f"    {each.hint}", flush=True)


def seconds(spent: Mapping[str, float]) -> str:
    """Durations in one line: "tests 12.3 s, stop 0.4 s"."""
    return ", ".join(f"{name} {value:.1f} s" for name, value in spent.items())
