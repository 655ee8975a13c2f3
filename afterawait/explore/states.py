"""Who ran a line, as the page shows it: the states of lines, and a file's counts of them. Page process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from afterawait.explore.live import Lines
from afterawait.explore.sources import Source

START, TEST, SESSION, BESIDE = 1, 2, 4, 8
"""A line's state is the sum of those who ran it, 0 where it never ran."""

Ran = Mapping[int, Lines]
"""Lines by who ran them."""


def of(source: Source, ran: Ran) -> dict[int, int]:
    """The state of each line that holds code."""
    states = dict.fromkeys(sorted(source.code), 0)
    for state, lines in ran.items():
        for line in lines.get(source.number, set()) & source.code:
            states[line] += state
    return states


def alone(source: Source, ran: Ran) -> set[int]:
    """The lines that this session ran and nobody else: tests that nobody has written yet."""
    return _parts(source, ran)["only"]


def summary(source: Source, ran: Ran) -> dict[str, Any]:
    """A file's counts: how many lines hold code, how many ran and by whom; `bar` counts each line that ran once."""
    parts = _parts(source, ran)
    inside = {state: len(lines.get(source.number, set()) & source.code) for state, lines in ran.items()}
    return {
        "id": source.number,
        "name": source.name,
        "broken": source.broken,
        "total": len(source.code),
        "covered": sum(map(len, parts.values())),
        "tests": inside[TEST],
        "session": inside[SESSION],
        "beside": inside[BESIDE],
        "only": len(parts["only"]),
        "bar": {style: len(lines) for style, lines in parts.items()},
    }


def _parts(source: Source, ran: Ran) -> dict[str, set[int]]:
    """The lines that ran, by the style in which the page's script shows them: each once."""
    ours, tests, beside, start = (
        ran[state].get(source.number, set()) & source.code for state in (SESSION, TEST, BESIDE, START)
    )
    only = ours - tests - beside - start
    return {
        "only": only,
        "s4": ours - only,
        "s2": tests - ours,
        "s8": beside - ours - tests,
        "s1": start - ours - tests - beside,
    }
