"""The environment of measured processes, made in one place. Driver and test process.

Server, workers, setup command and test runner get it; PostgreSQL and other tools never do.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from afterawait import coverage_config, protocol
from afterawait.databases import base
from afterawait.databases.base import DatabaseServer
from afterawait.runs import keys
from afterawait.runs.folder import RunFolder
from afterawait.services import strangers
from afterawait.settings import Settings
from afterawait.settings_services import Service

# Each would change what is measured, or where to: another configuration, another data file, another run.
DROPPED = {
    *(*protocol.COVERAGE_VARIABLES, protocol.NO_BYTECODE, protocol.ROLE, protocol.RUN, protocol.SOURCE),
    *(protocol.DATABASES, protocol.COMMAND, protocol.FORWARD, protocol.DROP),
}

PYTHONPATH = "PYTHONPATH"

HOME = Path(__file__).parents[2]
CHECKOUT = (HOME / "sitecustomize.py").is_file() and (HOME / "pyproject.toml").is_file()
"""Whether this tool is a checkout, where neither it nor its start hook is found without PYTHONPATH."""


def of_process(  # noqa: PLR0913  # keywords, none of which depends on another
    settings: Settings,
    run: RunFolder,
    *,
    role: str,
    measured: bool,
    databases: Iterable[DatabaseServer] = (),
    service: str = "",
) -> dict[str, str]:
    """Variables for a process of `role`, measured by coverage.py and the witness or by neither.

    The application's processes connect to no databases but the run's, which are on `databases`, and those allowed.
    """
    take_key_of(settings)
    environment = {name: value for name, value in os.environ.items() if name not in DROPPED}
    # The tool's folder holds more than the tool: it must not hide what the project imports, from the shell's path too.
    path = [*map(str, settings.import_roots), environment.get(PYTHONPATH, ""), *([str(HOME)] if CHECKOUT else [])]
    environment |= {
        PYTHONPATH: _joined(*path),
        protocol.KEY: run_key(),
        "PYTHONUNBUFFERED": "1",
    }
    if role in strangers.GUARDED:
        environment[protocol.DATABASES] = strangers.rules(settings, run, role, databases, service)
    if measured:
        environment[protocol.ROLE] = role
        environment[protocol.RUN] = str(run.path)
        environment[protocol.SOURCE] = os.pathsep.join(map(str, settings.places))
        environment[protocol.COVERAGE_START] = str(coverage_config.of_run(settings, run.path))
        environment[protocol.COVERAGE_FILE] = str(run.data_file)
    return environment


def of_role(  # noqa: PLR0913  # as above
    settings: Settings,
    run: RunFolder,
    role: str,
    known: Mapping[str, str],
    *,
    measured: bool,
    databases: Iterable[DatabaseServer],
) -> dict[str, str]:
    """The same with the project's own variables; `known` is what fills placeholders."""
    variables = of_process(settings, run, role=role, measured=measured, databases=databases)
    if role == protocol.SERVER:
        if settings.server:
            variables |= _of_command(run, measured=measured)
        variables |= _forwarding(measured and settings.forward)
    return extended(variables, {name: base.fill(value, known) for name, value in settings.env.items()})


def of_service(  # noqa: PLR0913  # as above
    settings: Settings,
    run: RunFolder,
    service: Service,
    known: Mapping[str, str],
    *,
    measured: bool,
    databases: Iterable[DatabaseServer],
) -> dict[str, str]:
    """The same for one that runs beside the server: it is told what its own table says."""
    measured = measured and service.measure is not False
    variables = of_process(
        settings, run, role=protocol.SERVER, measured=measured, databases=databases, service=service.name
    )
    variables |= _of_command(run, measured=measured) | _forwarding(measured and service.forward)
    if service.cwd != ".":
        variables = extended(variables, {PYTHONPATH: str(settings.root / service.cwd)})
    return extended(variables, {name: base.fill(value, known) for name, value in service.env.items()})


def _of_command(run: RunFolder, *, measured: bool) -> dict[str, str]:
    return {protocol.COMMAND: str(run.path)} | ({protocol.ROLE: protocol.TOP} if measured else {})


def _forwarding(forward: bool) -> dict[str, str]:
    return {protocol.FORWARD: "1"} if forward else {}


def run_key() -> str:
    """The run's random key, which its servers and its tests share: made by whoever begins the run, inherited by all.

    One that is set already holds: for tests against a server that another command started.
    """
    if not os.environ.get(protocol.KEY):  # one that is empty is none
        os.environ[protocol.KEY] = secrets.token_hex(8)
    return os.environ[protocol.KEY]


def take_key_of(settings: Settings) -> None:
    """Go by the key of the server that the tests are to run against, where a command of this checkout started it."""
    if settings.base_url and not os.environ.get(protocol.KEY) and (key := keys.find(settings.root, settings.base_url)):
        os.environ[protocol.KEY] = key


def extended(environment: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """`environment` with the project's own variables: its PYTHONPATH comes before ours, which stays."""
    path = {PYTHONPATH: _joined(more[PYTHONPATH], environment.get(PYTHONPATH, ""))} if PYTHONPATH in more else {}
    return {**environment, **more, **path}


def _joined(*paths: str) -> str:
    """The entries of several search paths, each once."""
    entries = [entry for path in paths for entry in path.split(os.pathsep)]
    return os.pathsep.join(entry for entry in dict.fromkeys(entries) if entry)
