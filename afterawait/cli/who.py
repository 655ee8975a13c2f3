"""`afterawait who`: the tests that ran a line, a range, a function or a file in the last run. Driver process.

It reads what the witness of each process left.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from afterawait.location import Location
    from afterawait.reports.line_index import LineIndex

WIDTH = 7  # columns of a number of tests, and of the words in its stead

EPILOG = """\b
examples:
  afterawait who app/articles/queries.py:45     the tests that ran this line
  afterawait who app.articles.queries:fetch     the same for a function
Exit status: 0 answered, 3 the run's data cannot be trusted, 4 no such place, or no run yet.
"""


@click.command(name="who", epilog=EPILOG)
@click.option("--json", "as_json", is_flag=True, help="For a machine: the tests of each line.")
@click.argument("place")
def command(place: str, as_json: bool) -> int:
    """The tests that ran a line in the last run, by the witness: exact under concurrent requests.

    PLACE is FILE:LINE, FILE:FIRST-LAST, MODULE:FUNCTION, or FILE: all of it, annotated.
    """
    from afterawait import settings
    from afterawait.faults import Fault, MeasurementFault, conclude
    from afterawait.location import locate
    from afterawait.reports.line_index import who_ran
    from afterawait.runs import folder

    try:
        where = locate(place, Path.cwd(), settings.load(Path.cwd()).import_roots)
        source = Source.read(where.path)
        index = who_ran(where.path, folder.latest(Path.cwd()), source_lines=len(source.lines))
        if as_json:
            print(json.dumps(_as_json(where, source, index), indent=1))
        else:
            _print(where, source, index)
        if index.wrong:
            hint = "The answer lacks what it held: run the tests, and ask again."
            raise MeasurementFault("\n".join(index.wrong), hint=hint)
    except Fault as fault:
        return conclude([fault])
    return 0


@dataclass
class Source:
    """A file as it is now, beside who ran it."""

    lines: list[str]
    code: set[int]
    """The lines that hold code."""

    @classmethod
    def read(cls, path: Path) -> Source:
        """Raises EnvironmentFault where it cannot be read, or is no Python."""
        from afterawait.evidence.code_lines import lines_of
        from afterawait.faults import EnvironmentFault

        try:
            text = path.read_bytes()
            code = lines_of(compile(text, str(path), "exec", dont_inherit=True))
            lines = re.split(r"\r\n|\r|\n", text.decode("utf-8", "replace"))  # Python's lines, not Unicode's
            return cls(lines if lines[-1] else lines[:-1], code)
        except (OSError, SyntaxError, ValueError) as error:
            raise EnvironmentFault(f"{path} cannot be read: {error}.", hint="Give a Python file.") from None


def _as_json(where: Location, source: Source, index: LineIndex) -> dict[str, object]:
    first, last = _span(where, source)
    counts = index.counts(len(source.lines))
    lines = {line: index.tests(line) for line in range(first, last + 1) if counts[line]}
    startup = [line for line in index.startup() if first <= line <= last]
    return {"file": where.name, "first": first, "last": last, "lines": lines, "startup": startup}


def _span(where: Location, source: Source) -> tuple[int, int]:
    """The first and the last line that is asked for. Raises EnvironmentFault where the file has none of them."""
    from afterawait.faults import EnvironmentFault

    last = min(where.last, len(source.lines))
    if where.first > last and not where.whole:
        message = f"{where.name} has {len(source.lines)} lines, and none of them is {where.first}."
        raise EnvironmentFault(message, hint="Give a line that it has.")
    return where.first, last


def _print(where: Location, source: Source, index: LineIndex) -> None:
    from afterawait import terminal

    first, last = _span(where, source)
    counts = index.counts(len(source.lines))
    started = set(index.startup())
    for line in range(first, last + 1):
        if counts[line]:
            said, colour = f"{counts[line]:,}", "green"
        elif line in started:
            said, colour = "start", "yellow"
        else:
            said, colour = ("never", "red") if line in source.code else ("", "bold")
        print(f"{line:>5} {terminal.paint(f'{said:>{WIDTH}}', colour)}  {source.lines[line - 1]}".rstrip())
    if where.whole:
        print("\ntests that ran each line; `start` at start-up alone. Names: afterawait who FILE:LINE")
        return
    names = index.tests(first, last)
    if not names:
        print(f"\nNo test ran {where}.")
    else:
        print(f"\n{len(names):,} test{'s' * (len(names) != 1)} ran {where}:")
    for name in names:
        print(f"  {name}")
