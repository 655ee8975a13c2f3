"""Never a stranger's database, from the run's side: the rules for processes, and what is said of a refusal.

Driver and test process. What refuses is afterawait/agent/strangers, in measured processes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from afterawait import protocol
from afterawait.agent.strangers import birth
from afterawait.agent.strangers.target import PORTS, Target
from afterawait.databases.base import DatabaseServer
from afterawait.databases.factory import DRIVERS, KINDS
from afterawait.databases.url import URL
from afterawait.faults import EnvironmentFault
from afterawait.runs.folder import RunFolder
from afterawait.settings import Settings

GUARDED = {protocol.SERVER, protocol.SETUP, protocol.IMPORTING}
OF_RUNS = "afterawait_"
SERVICE = "service "
WHO = {protocol.SERVER: "The server", protocol.SETUP: "The setup command"}


def rules(settings: Settings, run: RunFolder, role: str, databases: Iterable[DatabaseServer], service: str = "") -> str:
    """What a process of `role`, or of a service, may connect to, as its agent reads it. Raises EnvironmentFault."""
    own: dict[str, list[Any]] = {"servers": [], "prefixes": [], "folders": []}
    for each in databases:
        for key, values in each.own().items():
            own[key] += values
    if role == protocol.IMPORTING:
        own["prefixes"].append(OF_RUNS)  # what the server's environment names is still to be made
    own["folders"] += [str(settings.state), str(run.path)]
    allowed = [asdict(target) for each in settings.databases_allowed for target in _targets(settings, each)]
    place = {
        "folder": str(run.path),
        "root": str(settings.root),
        "role": f"{SERVICE}{service}" if service else role,
        "began": birth.of(str(run.path)) or time.time(),
    }
    return json.dumps({**place, **own, "allowed": allowed})


def look(settings: Settings, run: RunFolder) -> None:
    """Raise EnvironmentFault where a process of the run was about to connect to a stranger's database."""
    for path in sorted(run.path.glob(protocol.REFUSALS)):
        raise _fault(settings, json.loads(path.read_text(encoding="utf-8")))


def _targets(settings: Settings, text: str) -> Iterable[Target]:
    if "://" not in text:
        yield Target("sqlite", "", database=str(settings.root / text))
        return
    try:
        url = URL.parse(text)
        addresses = url.addresses() or [("", None)]
    except ValueError:
        message = "[tool.afterawait].databases_allowed has a text that is not the URL of a database."
        raise EnvironmentFault(
            message, hint="Write it as postgresql://host:5432/name; no password is needed."
        ) from None
    kind = {"mariadb": "mysql"}.get(url.kind, url.kind)
    if kind == "sqlite":
        yield Target(kind, "", database=str(settings.root / (url.database or "").removeprefix("file:")))
        return
    for host, port in addresses:
        yield Target(kind, "", host, port or PORTS[kind], url.database or "")


def _fault(settings: Settings, note: Mapping[str, Any]) -> EnvironmentFault:
    who = WHO.get(note["role"], "The import of the application")
    if note["role"].startswith(SERVICE):
        who = f"The {note['role']}"
    where = f" at {note['where']}" if note["where"] else ""
    target = Target(**note["target"])
    return EnvironmentFault(
        f"{who} was about to connect to a database that is not this run's: {note['shown']} ({target.driver}){where}."
        " It was not connected.",
        hint=" ".join(_advice(settings, note, target)),
    )


def _advice(settings: Settings, note: Mapping[str, Any], target: Target) -> Iterable[str]:
    held: dict[str, str] = note["variables"]
    names = " and ".join(held)
    place = f", in {note['file']}," if note["file"] else ""
    if held:
        yield f"The variable{'s' * (len(held) > 1)} {names}{place} {'hold' if len(held) > 1 else 'holds'} it."
    env, where = _environment(settings, note["role"])
    if held.keys() & env.keys():
        yield f"{names} of {where} did not win: let the application prefer its environment to the file."
    elif held and target.kind != "mysql":
        lines = "; ".join(f'{name} = "{value}"' for name, value in held.items())
        yield f"Write {'below' if env is settings.env else 'into'} {where}: {lines}{_kind(settings, note, target)}."
    allowed = f"databases_allowed = [{_allowed(settings, target)}]"
    yield f"{'Or, if' if held else 'If'} it is meant, below [tool.afterawait]: {allowed}."


def _environment(settings: Settings, role: str) -> tuple[Mapping[str, str], str]:
    """The variables of whoever was refused, and where they are written."""
    for each in settings.services:
        if role == f"{SERVICE}{each.name}":
            return each.env, f"`env` of {each.name!r} in [[tool.afterawait.services]]"
    return settings.env, "[tool.afterawait.env]"


def _kind(settings: Settings, note: Mapping[str, Any], target: Target) -> str:
    """The setting `database` that makes {db.url} one for this application's driver."""
    scheme = note["scheme"]
    if settings.database_url:
        return ""
    if scheme in DRIVERS and scheme != KINDS["postgresql"]:
        return f'; and below [tool.afterawait]: database = "{scheme}:"'
    return '; and below [tool.afterawait]: database = "sqlite"' if target.kind == "sqlite" else ""


def _allowed(settings: Settings, target: Target) -> str:
    if target.kind == "sqlite":
        inside = target.database.startswith(f"{settings.root}/")
        return f'"{target.database.removeprefix(f"{settings.root}/") if inside else target.database}"'
    if target.host.startswith(("/", "@")) or not target.host:
        query = f"?host={target.host}" if target.host else ""
        return f'"{target.kind}://:{target.port}/{target.database}{query}"'
    host = f"[{target.host}]" if ":" in target.host else target.host
    return f'"{target.kind}://{host}:{target.port}/{target.database}"'
