"""`afterawait doctor`: whether a project's coverage can be believed, without running its tests. Driver process."""

from __future__ import annotations

import json
from pathlib import Path

import click

EPILOG = """\b
examples:
  afterawait doctor                               the project in this folder
  afterawait doctor --json                        for a machine
  afterawait doctor --python .venv/bin/python     the Python that its tests run in
Exit status: 0 nothing makes its coverage wrong, 3 something does, 4 its settings or its Python cannot be used.
"""


@click.command(name="doctor", epilog=EPILOG)
@click.option("--json", "as_json", is_flag=True, help="For a machine: all that was found, and the lines to change.")
@click.option(
    "--python",
    "python",
    type=click.Path(),
    metavar="PATH",
    help="The Python that the tests run in. Without: .venv, the active environment, or this one.",
)
@click.option(
    "--rcfile",
    type=click.Path(),
    metavar="FILE",
    help="coverage.py's configuration, where it is named on its command line.",
)
def command(as_json: bool, python: str | None, rcfile: str | None) -> int:
    """Whether coverage.py would measure this project right: its settings, against what the project does.

    Looks at the project in this folder, whether it uses Afterawait or not. Runs no tests, imports nothing of the
    project, connects to no database, and writes nothing.
    """
    from afterawait.doctor import report
    from afterawait.doctor.examine import examine
    from afterawait.faults import Fault, conclude

    try:
        found = examine(Path.cwd(), named_python=python, rcfile=rcfile)
    except Fault as fault:
        if as_json:
            print(json.dumps(report.refusal(fault), indent=1, ensure_ascii=False))
            return fault.status
        return conclude([fault])
    if as_json:
        print(json.dumps(report.payload(found), indent=1, ensure_ascii=False))
    else:
        print("\n".join(report.lines(found)))
    return found.status
