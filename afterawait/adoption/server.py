"""The server's command, where a run's own uvicorn would not do what the project's own does. Driver process."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePath

from afterawait.adoption import working_folder
from afterawait.adoption.application import Application
from afterawait.adoption.commands import DEPLOYED, Command
from afterawait.adoption.project import Project
from afterawait.adoption.reach import Reach
from afterawait.commands import programs


@dataclass(frozen=True)
class Known:
    """A server: where a run has it listen, and which of its options say how it runs an application.

    All others are of one place: addresses, processes, logs. One worker, since more would each make the schema, or
    whatever else an application does at its start, in a database that is empty.
    """

    listens: str
    options: frozenset[str]


SERVERS = {
    "gunicorn": Known("-w 1 -b 127.0.0.1:{port}", frozenset({"-k", "--worker-class", "-c", "--config"})),
    "hypercorn": Known(
        "-w 1 -b 127.0.0.1:{port}", frozenset({"-k", "--worker-class", "-c", "--config", "--root-path"})
    ),
    "granian": Known(
        "--workers 1 --host 127.0.0.1 --port {port}",
        frozenset({"--interface", "--loop", "--runtime-mode", "--url-path-prefix"}),
    ),
}
HERE = Path(sys.executable).parent
CONFIG = {"-c", "--config"}
CLASS = {"-k", "--worker-class"}
BUILT_IN = {"asgi", "asyncio", "trio", "uvloop"}


def of(project: Project, application: Application, reach: Reach) -> tuple[str, str]:
    """What to write as `server`, "" where a run's own uvicorn serves as well, and what is said of it."""
    command = application.command
    if command is None or command.rank > DEPLOYED or command.server not in SERVERS:
        folder, why = working_folder.of(project, application, reach)
        return (_in_folder(folder, application.app), f"uvicorn, in {folder}: {why}") if folder else ("", "")
    if not (HERE / command.server).exists():
        return "", f"{command.where} starts {command.server}, which is not installed here: uvicorn serves in runs"
    options = [each for pair in _options(project, command) for each in pair]
    if command.server == "gunicorn" and not set(options) & (CLASS | CONFIG) and not project.has("gunicorn.conf.py"):
        return "", f"{command.where} starts gunicorn, with no worker that can be told: uvicorn serves in runs"
    return _written(command.server, options, application.app), f"{command.server}, one worker   ({command.where})"


def _in_folder(folder: str, app: str) -> str:
    """uvicorn in that folder; by Python itself: a shell's PATH may lead to another environment."""
    factory = ", factory=True" * app.endswith("()")
    call = f"uvicorn.run('{app.removesuffix('()')}', port={{port}}{factory})"
    return programs.of_code(f"import os, uvicorn; os.chdir({folder!r}); {call}")


def _written(server: str, options: list[str], app: str) -> str:
    if server == "granian":  # its factories have no parentheses
        options = [*options, *["--factory"] * app.endswith("()")]
        app = app.removesuffix("()")
    return " ".join([server, *map(shlex.quote, options), SERVERS[server].listens, shlex.quote(app)])


def _options(project: Project, command: Command) -> Iterator[tuple[str, str]]:
    """The options that a run takes over, with values that hold here."""
    key = next((at for at, each in enumerate(command.words) if each.endswith(":")), len(command.words))
    words = command.words[:key]
    known = SERVERS[command.server].options
    for at, word in enumerate(words):
        option, joined, value = word.partition("=")
        if not joined:
            value = words[at + 1] if at + 1 < len(words) else ""
        if option not in known or not value or "$" in value:
            continue
        if option in CONFIG:
            value = _config(project, command, value)
        elif option in CLASS:
            value = _worker(project, value)
        if value:
            yield option, value


def _config(project: Project, command: Command, value: str) -> str:
    """The configuration file, wherever an image has it, as it is named here."""
    if value.startswith(("python:", "file:")):
        return value
    places = [PurePath(command.folder, value), PurePath(value.lstrip("/")), PurePath(PurePath(value).name)]
    named = [path for path in project.files if path.name == PurePath(value).name]
    return next((os.path.normpath(each) for each in [*places, *named] if (project.root / each).is_file()), "")


def _worker(project: Project, value: str) -> str:
    """A class of workers that is here; uvicorn's have moved to a package of their own."""
    module, _, name = value.rpartition(".")
    if value in BUILT_IN or (module and (project.find_module(module) or _is_installed(module))):
        return value
    return f"uvicorn_worker.{name}" if module == "uvicorn.workers" and _is_installed("uvicorn_worker") else ""


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ImportError:
        return False
