"""Where libpq connects to: what it is told, then its service file, its environment, its defaults. Measured processes.

libpq says itself where it will connect to only when it has begun to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from afterawait.agent.strangers.target import PORTS, Target

VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "service": "PGSERVICE",
}


def targets(told: Mapping[str, object], driver: str) -> Iterator[Target]:
    """Each server that libpq would try, in order."""
    known = {name: os.environ[variable] for name, variable in VARIABLES.items() if os.environ.get(variable)}
    said = {name: str(value) for name, value in told.items() if value not in {None, ""}}
    if service := said.get("service") or known.get("service"):
        known |= _service(service, said.get("servicefile", ""))
    known |= said
    hosts, addresses = known.get("host", "").split(","), known.get("hostaddr", "").split(",")
    ports = known.get("port", "").split(",")
    database = known.get("dbname") or known.get("user") or _user()
    for index in range(max(len(hosts), len(addresses))):
        host = _nth(addresses, index) or _nth(hosts, index)
        port = ports[0] if len(ports) == 1 else _nth(ports, index)
        yield Target("postgresql", driver, host, int(port or PORTS["postgresql"]), database)


def _nth(values: list[str], index: int) -> str:
    return values[index] if index < len(values) else ""


def _user() -> str:
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _service(name: str, told: str) -> dict[str, str]:
    """The settings of a service in the first file that has it, as libpq looks for them."""
    own = told or os.environ.get("PGSERVICEFILE") or str(Path.home() / ".pg_service.conf")
    folders = [os.environ.get("PGSYSCONFDIR", ""), "/etc/postgresql-common", "/etc"]
    for path in [own, *(f"{each}/pg_service.conf" for each in folders if each)]:
        if found := _section(Path(path), name):
            return found
    return {}


def _section(path: Path, name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    inside = False
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return found
    for line in (each.strip() for each in lines):
        if line.startswith("["):
            inside = line == f"[{name}]"
        elif inside and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key.strip(), value.strip())
    return found
