"""What identifies a database: its kind, and its server and name, or its file. In measured processes."""

from __future__ import annotations

import os
from dataclasses import dataclass

PORTS = {"postgresql": 5432, "mysql": 3306}
NAMES = {"postgresql": "PostgreSQL", "mysql": "MySQL", "sqlite": "SQLite"}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
DEFAULT_HOSTS = {"", "/run/postgresql", "/var/run/postgresql", "/tmp", "/private/tmp", *LOOPBACK}  # noqa: S108
"""Where drivers look for a PostgreSQL that nobody said the place of."""


@dataclass(frozen=True)
class Target:
    """Where a driver is about to connect to. `database` of SQLite is a path; `host` may be a Unix socket's folder."""

    kind: str
    driver: str
    host: str = ""
    port: int = 0
    database: str = ""

    @property
    def shown(self) -> str:
        """For people; there is no password in it."""
        if self.kind == "sqlite":
            return f"{NAMES[self.kind]}, the file {self.database}"
        host = self.host or "the local socket"
        place = f"{host} (port {self.port})" if host.startswith(("/", "the")) else f"{host}:{self.port}"
        return f"{NAMES[self.kind]}, {self.database or '(no name)'} on {place}"


def is_same_server(one: str, other: str) -> bool:
    """Whether two hosts are the same: names, addresses, folders of Unix sockets."""
    if one == other:
        return True
    if "" in {one, other}:
        return {one, other} <= DEFAULT_HOSTS
    if one[0] in "/@" or other[0] in "/@":
        return one[0] == other[0] == "/" and os.path.realpath(one) == os.path.realpath(other)
    one, other = one.lower(), other.lower()
    return one == other or {one, other} <= LOOPBACK or bool(_addresses(one) & _addresses(other))


def _addresses(host: str) -> set[str]:
    import socket

    try:
        found = {str(each[4][0]) for each in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return {host}
    return found | LOOPBACK if found & LOOPBACK else found
