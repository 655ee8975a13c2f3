"""The settings that follow from what a project is, and what is to be said of them. Driver process."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from afterawait import coverage_settings
from afterawait.adoption import (
    alembic_url,
    database,
    database_names,
    dotenv,
    environ_names,
    first_test,
    openapi,
    schema,
    server,
    services,
    settings_classes,
    tests_folder,
    values,
)
from afterawait.adoption.application import Application
from afterawait.adoption.project import Project
from afterawait.adoption.reach import Reach
from afterawait.adoption.trees import of_type
from afterawait.adoption.variable import Variable
from afterawait.placeholders import named_by

Confirm = Callable[[str], bool]
"""Ask a person a question; False where nobody is there."""


@dataclass
class Proposal:
    """`table` is [tool.afterawait]. `made_up` are the names in `env` whose values stand for something real."""

    table: dict[str, Any]
    test: PurePath
    test_text: str
    made_up: list[str] = field(default_factory=list)
    said: list[tuple[str, str]] = field(default_factory=list)
    """What was found, by topic, for people."""
    needs: list[str] = field(default_factory=list)
    """What a person has to do before a run, a sentence each."""

    def say(self, topic: str, text: str) -> None:
        """One more line."""
        self.said.append((topic, text))


def propose(project: Project, application: Application, confirm: Confirm) -> Proposal:
    """All settings of a project, and its first test."""
    reach = Reach(project, application)
    variables, given, standing = _variables(project, reach)
    test = tests_folder.choose(project)
    address = openapi.address(application.framework, reach.trees, variables.values())
    paths = [] if address else openapi.paths(reach.trees)
    command, said = server.of(project, application, reach)
    served = {"server": command} if command else {"app": application.app}
    proposal = Proposal(served, test, first_test.text(address, paths))
    proposal.say("app", f"{application.app}   ({application.where})")
    if said:
        proposal.say("server", said)
    _source(project, application, reach, proposal)
    proposal.table["tests"] = [str(test.parent)]
    names = database_names.find(variables.values(), given)
    enumerations = _enumerations(reach)
    found = database.find(project, reach, names, given)
    found.env |= database.kinds(names, enumerations, given, found.setting)
    _database(project, reach, found, application.app, proposal, confirm)
    beside = services.find(project, variables.values(), given)
    env = found.env | beside.env
    examples, first = dotenv.examples(project), {name: members[0] for name, members in enumerations.items()}
    for name in sorted(variables.keys() - env.keys()):
        if variables[name].required and name not in standing:
            env[name] = values.value(variables[name], examples, first)
            proposal.made_up.append(name)
    if proposal.made_up:
        place = variables[proposal.made_up[0]].where
        proposal.say("required", f"{', '.join(proposal.made_up)}: values for tests   ({place})")
    if beside.said:
        proposal.say("redis", beside.said)
    _others(project, proposal)
    _unmade(variables, given, proposal)
    proposal.table["fail_under"] = 0
    if env:
        proposal.table["env"] = env
    if beside.tables:
        proposal.table["services"] = beside.tables
    return proposal


def _variables(project: Project, reach: Reach) -> tuple[dict[str, Variable], dict[str, str], dict[str, str]]:
    """The variables that the source reads, the values that files give, those of them that hold in every checkout."""
    migrations = [path for path in project.modules if path.name == "env.py" and path not in reach.modules]
    paths = [*reach.modules, *migrations]
    found = [each for path in paths for each in environ_names.variables(path, project.tree(path))]
    found += settings_classes.variables(project, paths)
    variables: dict[str, Variable] = {}
    for each in found:
        known = variables.get(each.name)
        if known is None or (each.required and not known.required):
            variables[each.name] = each
    files = settings_classes.env_files(project, paths)
    if any(each in project.text(path) for path in paths for each in dotenv.READERS):
        files.add(".env")
    given = dotenv.local(project, files) | dotenv.examples(project)
    return variables, given, dotenv.standing(project, files)


def _source(project: Project, application: Application, reach: Reach, proposal: Proposal) -> None:
    default = [str(PurePath(application.root, application.path.relative_to(application.root).parts[0]))]
    own = coverage_settings.source(project.root, [application.root])
    counted = own if own and any(application.path.is_relative_to(each) for each in own) else reach.source
    hidden = "server" in proposal.table and not named_by(proposal.table["server"], project.root, reach.path)
    if not own and (reach.source != default or hidden):
        proposal.table["source"] = [os.path.normpath(each) for each in reach.source]
    if reach.path:
        proposal.table["path"] = reach.path
    said = ", ".join(counted)
    proposal.say("source", f"{said}   (your own coverage settings)" if own and counted is own else said)


def _database(  # noqa: PLR0913  # what is known by then
    project: Project, reach: Reach, found: database.Database, app: str, proposal: Proposal, confirm: Confirm
) -> None:
    """The database and its schema."""
    for url, where in found.hard_coded:
        _hard_coded(project, url, where, proposal, confirm)
    if not found.setting:
        if not found.hard_coded:
            proposal.say("database", "none was found")
        return
    made = alembic_url.led(schema.find(project, reach, app), found.env, found.setting)
    if made.commands:
        proposal.table["setup"] = made.commands[0] if len(made.commands) == 1 else made.commands
    if made.needs:
        proposal.needs.append(made.needs)
    proposal.table["database"] = found.setting
    kind = "SQLite" if found.setting.startswith("sqlite") else "PostgreSQL"
    proposal.say("database", f"{kind}, one of the run's own, through {', '.join(found.env)}")
    if made.unknown:
        proposal.say("schema", "nothing was found that makes it; a command that does goes into the key `setup`")
    elif made.commands:
        proposal.say("schema", f"{'; '.join(made.commands)}   ({made.where})")
    else:
        proposal.say("schema", f"the application makes it itself   ({made.where})")


def _hard_coded(project: Project, url: str, where: str, proposal: Proposal, confirm: Confirm) -> None:
    """A database that stands in the source: the run can give no other, and connects to none that holds something."""
    advice = 'read it from the environment, os.environ.get("DATABASE_URL", ...), and run `afterawait init --fill`'
    shown = database_names.scheme(url) + "://..." if "@" in url else url
    if url.startswith("sqlite"):
        file = os.path.normpath(url.partition("://")[2].partition("?")[0].removeprefix("/"))
        exists = (project.root / file).exists()
        if not exists or confirm(f"{where} names the SQLite file {file}. May tests write to it?"):
            proposal.table.setdefault("databases_allowed", []).append(file)
            proposal.say("database", f"the SQLite file {file}, which {where} names: tests write to it")
            return
        proposal.needs.append(
            f"{where} names the SQLite file {file}, which is there already: {advice}; or let tests write to it by"
            f' databases_allowed = ["{file}"].'
        )
        return
    kept = "the database in the source" if ".py:" in where else "the database's URL"
    proposal.needs.append(f"{where} has {kept}, {shown}: {advice}.")


def _others(project: Project, proposal: Proposal) -> None:
    """Services of the compose file that a run does not start."""
    for name, where in database.images(project):
        for kind in ("rabbitmq", "mongo", "mysql", "mariadb", "kafka", "elasticsearch", "minio"):
            if name.startswith(kind):
                proposal.say(
                    kind, f"{where} has it, and no run starts it: if the application needs it, start it before"
                )


def _unmade(variables: Mapping[str, Variable], given: Mapping[str, str], proposal: Proposal) -> None:
    """Databases of a kind that no run makes."""
    for name, variable in variables.items():
        kind = database_names.scheme(given.get(name) or variable.default).partition("+")[0]
        if kind in {"mysql", "mariadb", "mssql", "oracle", "mongodb"}:
            hint = f'{name} = "..." in [tool.afterawait.env] with the URL of one for tests'
            proposal.needs.append(
                f"{variable.where} reads {name}, of {kind}, and no run makes such databases: write {hint}."
            )


def _enumerations(reach: Reach) -> Mapping[str, list[str]]:
    """The values of each enumeration, by its class's name."""
    found: dict[str, list[str]] = {}
    for _, tree in reach.trees:
        for node in of_type(tree, ast.ClassDef):
            if any("Enum" in ast.unparse(base) for base in node.bases):
                members = [each.value for each in node.body if isinstance(each, ast.Assign)]
                if texts := [str(each.value) for each in members if isinstance(each, ast.Constant)]:
                    found[node.name] = texts
    return found
