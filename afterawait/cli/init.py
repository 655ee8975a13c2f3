"""`afterawait init`: settings and a first test for a project, by looking at it. Driver process."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from afterawait.adoption.application import Application
    from afterawait.adoption.project import Project
    from afterawait.adoption.proposal import Proposal

EPILOG = """\b
examples:
  afterawait init                     look, write, say what was found
  afterawait init --dry-run           show what would be written
  afterawait init --fill              add to the settings that are there what they lack
  afterawait init --ci                and a workflow for GitHub Actions
Exit status: 0 written, or there already; 4 nothing was written, and why is said.
"""


@click.command(name="init", epilog=EPILOG)
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option("--fill", is_flag=True, help="Add what [tool.afterawait] lacks; what it has stays as it is.")
@click.option("--ci", is_flag=True, help="Write a GitHub Actions workflow too: shards, artifacts, combine.")
@click.option("--app", metavar="MODULE:NAME", default="", help="What is served, where it cannot be found out.")
def command(dry_run: bool, fill: bool, ci: bool, app: str) -> int:
    """Write [tool.afterawait] into pyproject.toml, and a first test.

    Looks at the project's files; imports none of its code. What a person has written stays as it is.
    """
    from afterawait.adoption.trees import without_collections
    from afterawait.faults import Fault, conclude

    try:
        with without_collections():
            return _init(app, dry_run=dry_run, fill=fill, ci=ci)
    except Fault as fault:
        return conclude([fault])


def _init(app: str, *, dry_run: bool, fill: bool, ci: bool) -> int:
    from afterawait.adoption import workflow, writing
    from afterawait.adoption.project import Project

    project = Project(Path.cwd())
    texts: dict[Path, str] = {}
    proposal = None
    if "afterawait" in project.table("tool"):
        texts = _again(project, app, fill=fill)
        table = project.table("tool", "afterawait")
    else:
        proposal = _propose(project, app)
        for topic, text in proposal.said:
            _say(topic, text)
        texts = _files(project, proposal)
        table = proposal.table
    if ci and workflow.place(project).exists():
        _say("workflow", f"{workflow.NAME} is there: it stays as it is")
    elif ci:
        texts[workflow.place(project)] = workflow.text(project, table)
    if dry_run:
        print(writing.diff(project.root, texts), end="")
        return 0
    writing.write(texts)
    if texts:
        _say("written", ", ".join(_shown(project.root, each) for each in texts))
    return _end(project, proposal)


def _again(project: Project, app: str, *, fill: bool) -> dict[Path, str]:
    """What becomes of the settings that are there: they stay, or get what they lack. Raises Fault where that fails."""
    from afterawait import settings_table
    from afterawait.adoption import filling, writing
    from afterawait.faults import Fault

    table = settings_table.read(project.root)
    try:
        named = str(table.get("app", ""))
        proposal = _propose(project, app or named, ask=fill)
        lacks = filling.lacking(table, proposal)
    except Fault:
        if fill:
            raise
        lacks = {}
    if not lacks or not fill:
        more = f"; it lacks {filling.named(lacks)}: `afterawait init --fill` adds what was found" if lacks else ""
        _say("settings", f"pyproject.toml has [tool.afterawait]: it stays as it is{more}")
        return {}
    pyproject = project.root / "pyproject.toml"
    whole = filling.filled(writing.read(pyproject), lacks, proposal)
    _say("settings", f"pyproject.toml has [tool.afterawait]: {filling.named(lacks)} added, the rest stays as it is")
    return {pyproject: whole}


def _propose(project: Project, app: str, *, ask: bool = True) -> Proposal:
    """What is found out; a person is asked what cannot be, if there is one and `ask`."""
    from afterawait.adoption import application
    from afterawait.adoption.proposal import propose

    project.pyproject  # noqa: B018  # one that is no TOML is said before anything is asked
    found = [application.named(project, _checked(app))] if app else application.find(project)
    chosen = _choose(project, found, ask=ask and _is_terminal())
    application.must_be_here(project, chosen)
    proposal = propose(project, chosen, _confirm if ask else _nobody)
    others = [each for each in found if each is not chosen]
    if others:
        listed = ", ".join(f"{each.app} ({each.where})" for each in others)
        proposal.say("others", f"{listed}: not taken; `afterawait init --app` names another")
    return proposal


def _choose(project: Project, found: Sequence[Application], *, ask: bool) -> Application:
    """The application: a person chooses between several named in equal places, and is asked where there is none."""
    from afterawait.adoption import application

    if not found:
        if not ask:
            raise application.none(project)
        return application.named(
            project, click.prompt("Which application is served (package.module:app)", value_proc=_checked)
        )
    if not ask or [each.rank for each in found].count(found[0].rank) == 1:
        return found[0]
    for number, each in enumerate(found, 1):
        print(f"  {number}  {each.app}   ({each.where})")
    number = click.prompt("Which of them is tested", default=1, type=click.IntRange(1, len(found)))
    return found[number - 1]


def _checked(app: str) -> str:
    from afterawait.settings_table import KEYS

    if not KEYS["app"].accepts(app) or ":" not in app:
        raise click.UsageError(f"{app!r} is not {KEYS['app'].kind}.")
    return app


def _is_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _nobody(_: str) -> bool:
    return False


def _confirm(question: str) -> bool:
    return _is_terminal() and click.confirm(question, default=False)


def _files(project: Project, proposal: Proposal) -> dict[Path, str]:
    """The texts of what is written, by path."""
    from afterawait.adoption import writing

    pyproject = project.root / "pyproject.toml"
    whole = writing.with_table(writing.read(pyproject), proposal.table, proposal.made_up)
    return {pyproject: whole, project.root / proposal.test: proposal.test_text}


def _end(project: Project, proposal: Proposal | None) -> int:
    """Read what was written as a run reads it, and say what comes next. Raises Fault."""
    from afterawait import settings
    from afterawait.adoption import tools

    known = settings.load(project.root)
    kind = tools.of(project)
    wanted = known.database_setting if known.needs_database else ""
    for each in [*(proposal.needs if proposal else ()), *tools.missing(project, known.database if wanted else "")]:
        _say("to do", each)
    _say("next", f"{kind.run}afterawait run")
    return 0


def _say(topic: str, text: str) -> None:
    from afterawait import terminal

    terminal.say(topic, text)


def _shown(root: Path, path: Path) -> str:
    return os.path.relpath(path.resolve(), root.resolve())
