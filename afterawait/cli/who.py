"""`afterawait who`: which tests ran a line, a range, a function or a file in the last run. Driver process.

It reads what the witness of each process left.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from afterawait.settings import Settings

EPILOG = """\b
examples:
  afterawait who app/articles/queries.py:45     the tests that ran this line
  afterawait who app.articles.queries:fetch     those of a function, its lines side by side
  afterawait who --unreached                    the lines that no test reached
Exit status: 0 answered, 3 the run's data cannot be trusted, 4 no such place, or no run yet.
"""


@click.command(name="who", epilog=EPILOG)
@click.option("--unreached", is_flag=True, help="The lines that no test reached: in PLACE, a file, or in all.")
@click.option("--json", "as_json", is_flag=True, help="For a machine: the tests of each line.")
@click.argument("place", required=False, type=click.Path())
@click.pass_context
def command(ctx: click.Context, unreached: bool, as_json: bool, place: str | None) -> int:
    """The tests that ran a line in the last run, by the witness: exact under concurrent requests.

    PLACE is FILE:LINE, FILE:FIRST-LAST, MODULE:FUNCTION, or FILE: all of it, annotated.
    """
    if place is None and not unreached:
        raise click.MissingParameter(ctx=ctx, param=ctx.command.params[-1])
    from afterawait import settings
    from afterawait.faults import Fault, MeasurementFault, conclude

    try:
        known = settings.load(Path.cwd())
        answer, text, wrong = _unreached(known, place) if unreached else _who(known, place or "")
        print(json.dumps(answer, indent=1) if as_json else text)
        if wrong:
            hint = "The answer lacks what it held: run the tests, and ask again."
            raise MeasurementFault("\n".join(wrong), hint=hint)
    except Fault as fault:
        return conclude([fault])
    return 0


Answer = tuple[dict[str, Any], str, list[str]]
"""For a machine, for people, and what is wrong with the run's data."""


def _who(known: Settings, place: str) -> Answer:
    from afterawait.location import locate
    from afterawait.reports import answers
    from afterawait.reports.line_index import who_ran
    from afterawait.runs import folder

    where = locate(place, known.root, known.import_roots)
    source = answers.Source.read(where.path)
    index = who_ran(where.path, folder.latest(known.root), source_lines=len(source.lines))
    asked = answers.Answer(where, source, index)
    return asked.for_a_machine(), asked.for_people(), index.wrong


def _unreached(known: Settings, place: str | None) -> Answer:
    from afterawait.location import locate
    from afterawait.reports import unreached
    from afterawait.runs import folder

    only = locate(place, known.root, known.import_roots).path if place else None
    asked = unreached.Answer(known, folder.latest(known.root), only)
    return asked.for_a_machine(), asked.for_people(), asked.wrong
