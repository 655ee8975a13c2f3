"""What `afterawait who` answers: the tests of some lines, side by side, and grouped by file. Driver process."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from string import ascii_lowercase
from typing import Any

from afterawait import terminal
from afterawait.evidence.code_lines import lines_of
from afterawait.faults import EnvironmentFault
from afterawait.location import Location
from afterawait.reports.line_index import LineIndex

WIDTH = 7  # columns of a number of tests, and of the words in its stead
MOST_COLUMNS = 12
MOST_LINES = 300  # of a range that is shown side by side


@dataclass
class Source:
    """A file as it is now; `code` are the lines that hold code."""

    lines: list[str]
    code: set[int]

    @classmethod
    def read(cls, path: Path) -> Source:
        """Raises EnvironmentFault where it cannot be read, or is no Python."""
        try:
            text = path.read_bytes()
            code = lines_of(compile(text, str(path), "exec", dont_inherit=True))
            lines = re.split(r"\r\n|\r|\n", text.decode("utf-8", "replace"))  # Python's lines, not Unicode's
            return cls(lines if lines[-1] else lines[:-1], code)
        except (OSError, SyntaxError, ValueError) as error:
            raise EnvironmentFault(f"{path} cannot be read: {error}.", hint="Give a Python file.") from None


class Answer:
    """Who ran the lines of `where`. Raises EnvironmentFault where the file has none of them."""

    def __init__(self, where: Location, source: Source, index: LineIndex) -> None:
        self.where = where
        self.source = source
        self.index = index
        self.first, self.last = where.first, min(where.last, len(source.lines))
        if self.first > self.last and not where.whole:
            message = f"{where.name} has {len(source.lines)} lines, and none of them is {self.first}."
            raise EnvironmentFault(message, hint="Give a line that it has.")

    @cached_property
    def _counts(self) -> list[int]:
        return self.index.counts(len(self.source.lines))

    @cached_property
    def _started(self) -> set[int]:
        return set(self.index.startup())

    def for_a_machine(self) -> dict[str, Any]:
        """The tests of each line that one ran, and the lines that ran at start-up or beside requests."""
        span = range(self.first, self.last + 1)
        lines = {line: self.index.tests(line) for line in span if self._counts[line]}
        startup = [line for line in span if line in self._started]
        return {"file": self.where.name, "first": self.first, "last": self.last, "lines": lines, "startup": startup}

    def for_people(self) -> str:
        """The lines with their counts; where not the whole file was asked for, the tests too, by file."""
        if self.where.whole:
            end = "\ntests that ran each line; `start` at start-up alone. Names: afterawait who FILE:LINE"
            return "\n".join([*self._numbered({}), end])
        names = self.index.tests(self.first, self.last)
        columns = self._columns(names)
        return "\n".join([*self._numbered(columns), "", *_grouped(names, str(self.where), list(columns))])

    def _columns(self, names: Sequence[str]) -> dict[str, frozenset[str]]:
        """What stands beside the lines: a column a test, or a column a file where those would be too many.

        None for a single line, which all have run.
        """
        if not 1 < self.last - self.first + 1 <= MOST_LINES or len(names) < 2:  # noqa: PLR2004  # nothing to compare
            return {}
        if len(names) <= MOST_COLUMNS:
            return {name: frozenset([name]) for tests in by_file(names).values() for name in tests}
        files = by_file(names)
        return {file: frozenset(files[file]) for file in list(files)[:MOST_COLUMNS]}

    def _numbered(self, columns: Mapping[str, frozenset[str]]) -> list[str]:
        width = max([2, *(len(str(len(tests))) + 1 for tests in columns.values())])
        head = "".join(f"{letter:>{width}}" for letter in ascii_lowercase[: len(columns)])
        found = [f"{'tests':>{6 + WIDTH}} {head}"] if columns else []
        for line in range(self.first, self.last + 1):
            beside = ""
            if self._counts[line]:
                ran = set(self.index.tests(line)) if columns else set()
                beside = "".join(f"{_cell(name, tests & ran):>{width}}" for name, tests in columns.items())
            beside = f"{beside:{width * len(columns)}}"
            found.append(f"{line:>5} {self._state(line)} {beside} {self.source.lines[line - 1]}".rstrip())
        return found

    def _state(self, line: int) -> str:
        if self._counts[line]:
            return terminal.paint(f"{self._counts[line]:>{WIDTH},}", "green")
        if line in self._started:
            return terminal.paint(f"{'start':>{WIDTH}}", "yellow")
        return terminal.paint(f"{'never' if line in self.source.code else '':>{WIDTH}}", "red")


def _cell(column: str, ran: frozenset[str]) -> str:
    """A column's entry: a test's says whether it ran, a file's how many."""
    if not ran:
        return "."
    return "x" if column in ran else str(len(ran))


def by_file(names: Iterable[str]) -> dict[str, list[str]]:
    """Tests by their file, that with the most of them first; a session is a group of its own."""
    files: dict[str, list[str]] = {}
    for name in names:
        files.setdefault(name.partition("::")[0], []).append(name)
    return dict(sorted(files.items(), key=lambda item: (-len(item[1]), item[0])))


def _grouped(names: Sequence[str], place: str, columns: Sequence[str]) -> list[str]:
    """The tests that ran `place`, counts first; a name that has a column bears its letter."""
    if not names:
        return [f"No test ran {place}."]
    files = by_file(names)
    several = f" of {len(files):,} files" if len(files) > 1 else ""
    found = [f"{_counted(len(names), 'test')}{several} ran {place}:"]
    letters = {name: f"{letter} " for name, letter in zip(columns, ascii_lowercase, strict=False)}
    for file, tests in files.items():
        found.append(f"{len(tests):>6,}  {letters.get(file, '') if file not in tests else ''}{file}")
        found += [f"        {letters.get(name, '')}{name.partition('::')[2]}" for name in tests if "::" in name]
    return found


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"
