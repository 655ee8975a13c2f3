"""Servers that scripts, Makefiles, workflows and the like start: their commands, line by line. Driver process."""

from __future__ import annotations

import re
from collections.abc import Iterator

from afterawait import protocol
from afterawait.commands import lines, programs
from afterawait.doctor.files import Text
from afterawait.doctor.source_code import Place
from afterawait.doctor.starts import Start

KILLS = (
    (re.compile(r"\bkill(?:all)? +-(?:s +)?(?:SIG)?(?:KILL|9)\b"), "SIGKILL"),
    (re.compile(r"\bkill(?:all)? +-(?:s +)?(?:SIG)?(?:INT|2)\b"), "SIGINT"),
    (re.compile(r"\bkill(?:all)? +(?:-(?:s +)?(?:SIG)?(?:TERM|15)\b|[\"$%\d])"), "SIGTERM"),
)


def starts_in(text: Text) -> Iterator[tuple[Start, bool]]:
    """Each server, and whether coverage.py is asked to measure it: by `coverage run`, or a variable in that file."""
    ends = frozenset(name for pattern, name in KILLS if pattern.search(text.text))
    by_variable = protocol.COVERAGE_START in text.text
    for server in programs.SERVERS + programs.WORKERS:
        for number, line in text.lines_with(server):
            for words in lines.commands(line):
                inner = _under_coverage(words)
                kind, target = programs.program(inner or words, {})
                if kind == server:
                    place = Place(text.name, number, " ".join(words))
                    yield Start(place, kind, tuple(inner or words), target, ends), bool(inner) or by_variable


def _under_coverage(words: list[str]) -> list[str]:
    """The command behind `coverage run`, as Python would be given it; nothing where there is none."""
    for first in range(len(words) - 1):
        if words[first].endswith("coverage") and words[first + 1] == "run":
            rest = words[first + 2 :]
            while rest and rest[0].startswith("-") and rest[0] != "-m":
                rest = rest[1:] if "=" in rest[0] or rest[0] in {"-p", "-a", "--branch", "--append"} else rest[2:]
            return ["python", *rest] if rest else []
    return []
