"""Which application is served: what commands name, then what the source makes. Driver process."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import PurePath

from afterawait.adoption import commands, instances
from afterawait.adoption.instances import Instance
from afterawait.adoption.project import PROJECT_FILES, Project
from afterawait.faults import EnvironmentFault

LOOKED = (
    "Looked at: commands of uvicorn, gunicorn, hypercorn, granian and fastapi in Dockerfile, compose file, Procfile,"
    " Makefile, justfile, scripts and launch.json; [tool.fastapi]; objects and factories of FastAPI, Starlette and"
    " Litestar in the source."
)


@dataclass(frozen=True)
class Application:
    """`app` as the setting has it, the folder that it is imported from, its file, its framework, where it is named.

    The lower its `rank`, the more that place is believed. `command` is the one that names it.
    """

    app: str
    root: str
    path: PurePath
    framework: str
    where: str
    rank: int = len(commands.KINDS)
    command: commands.Command | None = None


def find(project: Project) -> list[Application]:
    """The applications of a project, the likeliest first, each once."""
    made = instances.find(project)
    found: list[Application] = []
    for command in commands.find(project):
        found += (replace(each, rank=command.rank, command=command) for each in _of_command(project, command, made))
    for target, where in instances.run_by(project):
        found += _of_target(project, target.removesuffix("()"), ".", where, made, factory=target.endswith("()"))
    if not found:
        objects = [each for each in made if not each.factory]
        found = [_of_instance(project, each) for each in objects or made]
    return list({each.app: each for each in reversed(found)}.values())[::-1]


def named(project: Project, app: str) -> Application:
    """The application that somebody named. Raises EnvironmentFault where there is no such module."""
    found = _of_target(
        project, app.removesuffix("()"), ".", "--app", instances.find(project), factory=app.endswith("()")
    )
    if not found:
        module = app.partition(":")[0]
        raise EnvironmentFault(f"There is no module {module} in {project.root}.", hint="Name one that stands there.")
    return found[0]


def must_be_here(project: Project, application: Application) -> None:
    """Raise EnvironmentFault where the application is that of another project, in a folder of this one."""
    for folder in application.path.parents:
        if str(folder) in {os.curdir, *project.members}:
            return
        theirs = [name for name in PROJECT_FILES if project.has(folder / name)]
        ours = [name for name in PROJECT_FILES if project.has(name)]
        if theirs and (not ours or "pyproject.toml" in theirs):
            message = (
                f"The application, {application.app}, is in {folder}/, a project of its own ({folder / theirs[0]})."
            )
            raise EnvironmentFault(message, hint=f"Run `cd {folder}`, and `afterawait init` there.")


def none(project: Project) -> EnvironmentFault:
    """What is said where none is found."""
    hint = "Name it: `afterawait init --app package.module:app`, with () behind a factory."
    return EnvironmentFault(f"No application was found in {project.root}.", hint=f"{hint} {LOOKED}")


def _of_command(project: Project, command: commands.Command, made: list[Instance]) -> list[Application]:
    if command.target.endswith(".py"):
        here = [each for each in made if str(each.path) == os.path.normpath(command.target) and not each.factory]
        return [_of_instance(project, here[0], command.where)] if here else []
    return _of_target(project, command.target, command.folder, command.where, made, factory=command.factory)


def _of_target(  # noqa: PLR0913  # what a command says
    project: Project, target: str, near: str, where: str, made: list[Instance], *, factory: bool
) -> list[Application]:
    module, _, attribute = target.partition(":")
    place = project.find_module(module, near)
    if place is None:
        return []
    root, path = place
    here = [each for each in made if each.path == path and each.name == attribute]
    framework = [*here, *(each for each in made if each.path == path), *made]
    called = "()" * (factory or (bool(here) and here[0].factory))
    kind = framework[0].framework if framework else ""
    return [Application(f"{module}:{attribute or 'app'}{called}", root, path, kind, where)]


def _of_instance(project: Project, instance: Instance, where: str = "") -> Application:
    root, module = project.name_of(instance.path)
    app = f"{module}:{instance.name}{'()' * instance.factory}"
    return Application(app, root, instance.path, instance.framework, where or f"{instance.path}:{instance.line}")
