"""`[[tool.afterawait.services]]`: what runs beside the server, and what shows that it is ready. Driver and tests."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from afterawait import placeholders, settings_table
from afterawait.settings_checks import Key, is_command, is_env, is_switch, is_text

TABLE = "[[tool.afterawait.services]]"
MAX_PORT = 65535
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
READY = ("http", "port", "log")


@dataclass(frozen=True)
class Ready:
    """What shows that a service is ready: at most one of these is said."""

    http: str = ""
    """A path that is answered with a status below 400."""
    port: int = 0
    """A port of 127.0.0.1 that the service chooses by itself."""
    log: str = ""
    """A text that stands in what it prints."""


@dataclass(frozen=True, eq=False)
class Service:
    """One service. `measure` is None where nobody has said it; `must_measure`: or where it is the project's own."""

    name: str
    command: str
    ready: Ready = Ready()
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = "."
    measure: bool | None = None
    forward: bool = False
    must_measure: bool = False

    @property
    def filled(self) -> tuple[str, ...]:
        """The texts that placeholders are filled in."""
        return self.command, *self.env.values()

    @property
    def names_port(self) -> bool:
        """Whether it is given a port."""
        return any(f"{{{placeholders.PORT}}}" in each for each in self.filled)

    @property
    def has_port(self) -> bool:
        """Whether others can be told its port before it runs."""
        return self.names_port or bool(self.ready.port)

    @property
    def placeholder(self) -> str:
        """What its port is called in the settings, without braces."""
        return f"services.{self.name}.port"

    @property
    def needs_database(self) -> bool:
        """Whether it is told of a database."""
        return any("{db." in each for each in self.filled)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(NAME.fullmatch(value))


def _is_port(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_PORT


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("/") and not value.startswith("//")


def _is_ready(value: Any) -> bool:
    if isinstance(value, dict):
        checks = {"http": _is_path, "port": _is_port, "log": is_text}
        return len(value) == 1 and all(name in checks and checks[name](each) for name, each in value.items())
    return _is_path(value) or _is_port(value)


KEYS = {
    "name": Key("a name of letters, digits, - and _", 'name = "redis"', _is_name),
    "command": Key("a command", 'command = "redis-server --port {port}"', is_command),
    "ready": Key(
        "an HTTP path, a TCP port, or a text of its log",
        'ready = "/health", or ready = 6379, or ready = { log = "Ready to accept connections" }',
        _is_ready,
    ),
    "env": Key("a table of texts or numbers", 'env = { DATABASE_URL = "{db.url}" }', is_env),
    "cwd": Key("a folder", 'cwd = "services/stock"', is_text),
    "measure": Key("true or false", "measure = false", is_switch),
    "forward": Key("true or false", "forward = true", is_switch),
}


def read(root: Path, tables: Sequence[Mapping[str, Any]]) -> tuple[Service, ...]:
    """The services in the order written. Raises EnvironmentFault, naming the key that is wrong."""
    found: list[Service] = []
    for number, table in enumerate(tables):
        _check_keys(root, number, table)
        if any(each.name == table["name"] for each in found):
            message = f"Two of {TABLE} have the name {table['name']!r}."
            _refuse(root, number, "name", message, "Give each service a name of its own.")
        found.append(_service(root, number, table))
    known = (*placeholders.KNOWN, *known_ports(found))
    for number, each in enumerate(found):
        key = f"services.{number}"
        placeholders.check(root, f"{key}.command", each.command, known)
        for name, value in each.env.items():
            placeholders.check(root, f"{key}.env.{name}", value, known)
    return tuple(found)


def known_ports(services: Iterable[Service]) -> tuple[str, ...]:
    """The placeholders of services' ports."""
    return tuple(each.placeholder for each in services if each.has_port)


def _check_keys(root: Path, number: int, table: Mapping[str, Any]) -> None:
    who = f"of the service {table['name']!r}" if _is_name(table.get("name")) else f"of service {number + 1}"
    for name, value in table.items():
        if name not in KEYS:
            near = difflib.get_close_matches(name, KEYS, n=1)
            hint = f"Did you mean `{near[0]}`?" if near else f"The keys are {', '.join(KEYS)}."
            _refuse(root, number, name, f"{TABLE} has no key `{name}`, which is one {who}.", hint)
        if not KEYS[name].accepts(value):
            message = f"`{name}` {who} is {value!r}, which is not {KEYS[name].kind}."
            _refuse(root, number, name, message, f"Write, for example: {_example(name, value)}")
    for name in ("name", "command"):
        if name not in table:
            message = f"{TABLE} has no `{name}` in the table {who}."
            _refuse(root, number, "", message, f"Write, for example: {KEYS[name].example}")


def _example(name: str, value: Any) -> str:
    """What may have been meant."""
    if name == "ready" and is_text(value):
        return f'ready = {{ log = "{value}" }} for a text of its log, or ready = "/health" for an HTTP path.'
    return KEYS[name].example


def _service(root: Path, number: int, table: Mapping[str, Any]) -> Service:
    cwd = os.path.normpath(table.get("cwd", "."))
    if not (root / cwd).is_dir():
        message = f"`cwd` of the service {table['name']!r} is {table['cwd']!r}, which is no folder here."
        _refuse(root, number, "cwd", message, f"Write it as it is from {root}.")
    ready = table.get("ready", {})
    if not isinstance(ready, dict):
        ready = {"port" if isinstance(ready, int) else "http": ready}
    service = Service(
        name=table["name"],
        command=table["command"],
        ready=Ready(**ready),
        env={name: str(value) for name, value in table.get("env", {}).items()},
        cwd=cwd,
        measure=table.get("measure"),
        forward=table.get("forward", False),
    )
    if service.ready.port and service.names_port:
        message = f"The service {service.name!r} has both {{port}} and `ready` with a port of its own."
        hint = "Leave `ready` out: it is then ready when it listens on {port}. Or write the port into its command."
        _refuse(root, number, "ready", message, hint)
    return service


def _refuse(root: Path, number: int, key: str, message: str, hint: str) -> NoReturn:
    raise settings_table.fault(root, f"services.{number}{f'.{key}' * bool(key)}", message, hint=hint)
