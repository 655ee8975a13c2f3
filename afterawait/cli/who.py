"""The driver behind scripts/who.sh: the tests that ran a line, a range, a function or a file in the last run.

python -m afterawait.cli.who app/articles/queries.py:45      reads what the witness of each process left
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from afterawait import arguments, status, terminal
from afterawait.faults import EnvironmentFault, Fault, MeasurementFault
from afterawait.judge.verdict import lines_of
from afterawait.location import Place, place
from afterawait.reports.line_index import LineIndex, who_ran
from afterawait.runs import folder
from afterawait.status import Finding

WIDTH = 7  # columns of a number of tests, and of the words in its stead


@dataclass
class Source:
    """A file as it is now, beside who ran it."""

    lines: list[str]
    code: set[int]
    """The lines that hold code."""

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


def main(given_arguments: Sequence[str]) -> int:
    """Answer; returns the exit status."""
    given = _parser().parse_args(given_arguments)
    try:
        where = place(given.place, Path.cwd())
        source = Source.read(where.path)
        ran = who_ran(where.path, folder.latest(Path.cwd()), source_lines=len(source.lines))
        if given.json:
            print(json.dumps(_as_json(where, source, ran), indent=1))
        else:
            _print(where, source, ran)
        if ran.wrong:
            hint = "The answer lacks what it held: run scripts/e2e.sh, and ask again."
            raise MeasurementFault("\n".join(ran.wrong), hint=hint)
    except Fault as fault:
        terminal.conclude([Finding.of(fault)])
        return fault.status
    except BrokenPipeError:
        sys.stderr.close()  # `| head` has seen enough
    return status.Status.GOOD


def _as_json(where: Place, source: Source, ran: LineIndex) -> dict[str, object]:
    first, last = _span(where, source)
    counts = ran.counts(len(source.lines))
    lines = {line: ran.tests(line) for line in range(first, last + 1) if counts[line]}
    startup = [line for line in ran.startup() if first <= line <= last]
    return {"file": where.name, "first": first, "last": last, "lines": lines, "startup": startup}


def _span(where: Place, source: Source) -> tuple[int, int]:
    """The first and the last line that is asked for. Raises EnvironmentFault where the file has none of them."""
    last = min(where.last, len(source.lines))
    if where.first > last and not where.whole:
        message = f"{where.name} has {len(source.lines)} lines, and none of them is {where.first}."
        raise EnvironmentFault(message, hint="Give a line that it has.")
    return where.first, last


def _print(where: Place, source: Source, ran: LineIndex) -> None:
    first, last = _span(where, source)
    counts = ran.counts(len(source.lines))
    started = set(ran.startup())
    for line in range(first, last + 1):
        if counts[line]:
            said, colour = f"{counts[line]:,}", "green"
        elif line in started:
            said, colour = "start", "yellow"
        else:
            said, colour = ("never", "red") if line in source.code else ("", "bold")
        print(f"{line:>5} {terminal.paint(f'{said:>{WIDTH}}', colour)}  {source.lines[line - 1]}".rstrip())
    if where.whole:
        print("\ntests that ran each line; `start` at start-up alone. Names: scripts/who.sh FILE:LINE")
        return
    names = ran.tests(first, last)
    if not names:
        print(f"\nNo test ran {where}.")
    else:
        print(f"\n{len(names):,} test{'s' * (len(names) != 1)} ran {where}:")
    for name in names:
        print(f"  {name}")


def _parser() -> arguments.Parser:
    parser = arguments.Parser(
        prog="scripts/who.sh",
        description="The tests that ran a line in the last run, by the witness: exact under concurrent requests.",
        epilog="Exit status: 0 answered, 3 the run's data cannot be believed, 4 no such place, or no run yet.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "place", metavar="PLACE", help="FILE:LINE, FILE:FIRST-LAST, MODULE:FUNCTION, or FILE: all of it, annotated"
    )
    parser.add_argument("--json", action="store_true", help="for a machine: the tests of each line")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
