"""What a person reads: one line under a topic, colours on a terminal only and never with NO_COLOR. Driver process."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

_COLOURS = {"red": "31", "green": "32", "yellow": "33", "bold": "1"}


def paint(text: str, colour: str) -> str:
    """`text` in `colour` where somebody sees colours, else as it is."""
    if os.environ.get("NO_COLOR") or not sys.stdout.isatty():
        return text
    return f"\033[{_COLOURS[colour]}m{text}\033[0m"


def say(topic: str, text: str) -> None:
    """One line under a topic."""
    print(f"{paint(f'{topic:<12}', 'bold')} {text}", flush=True)


def seconds(spent: Mapping[str, float]) -> str:
    """Durations in one line: "tests 12.3 s, stop 0.4 s"."""
    return ", ".join(f"{name} {value:.1f} s" for name, value in spent.items())
