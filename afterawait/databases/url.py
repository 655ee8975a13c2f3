"""The URL of a database, taken apart and put together as SQLAlchemy does it, and without SQLAlchemy. Test process.

SQLAlchemy is the application's, in whatever version, or absent. asyncpg, psycopg and libpq read the same URLs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import parse_qsl, quote, unquote

SHAPE = re.compile(
    r"""
    (?P<driver>[\w+]+)://
    (?: (?P<user>[^:/]*) (?: :(?P<password>[^@]*) )? @ )?
    (?: \[(?P<ipv6>[^/?]+)\] | (?P<name>[^/:?]+) )?
    (?: :(?P<port>[^/?]*) )?
    (?: /(?P<database>[^?]*) )?
    (?: \?(?P<query>.*) )?
    """,
    re.VERBOSE,
)
# SQLAlchemy decodes %XX in a database's name from 2.1 on, and before that takes the name as it stands. Written like
# this a name means the same to both, but for names that hold one of these themselves.
DECODED = re.compile(r"%(?=[0-9a-fA-F]{2})|[?@]")
HIDDEN = "***"


@dataclass(frozen=True, repr=False)
class URL:
    """`driver` is what stands before "://": "postgresql+asyncpg". `query` has its pairs in the order written."""

    driver: str
    user: str | None = None
    password: str | None = None
    host: str | None = None
    port: int | None = None
    database: str | None = None
    query: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `text`. Raises ValueError, which never shows it: it may hold a password."""
        found = SHAPE.fullmatch(text)
        host = found and (found["ipv6"] or found["name"])
        if not found or "@" in (host or ""):  # an @ in a password: what follows it would be taken for the host
            raise ValueError("not the URL of a database")
        try:
            port = int(found["port"]) if found["port"] else None
        except ValueError:
            raise ValueError("the port is not a number") from None
        return cls(
            driver=found["driver"],
            user=_decoded(found["user"]),
            password=_decoded(found["password"]),
            host=host,
            port=port,
            database=_decoded(found["database"]),
            query=tuple(parse_qsl(found["query"] or "")),
        )

    @property
    def text(self) -> str:
        """The URL, its password included."""
        login = host = port = database = ""
        if self.user is not None or self.password is not None:
            password = "" if self.password is None else f":{_encoded(self.password)}"
            login = f"{_encoded(self.user or '')}{password}@"
        if self.host is not None:
            host = f"[{self.host}]" if ":" in self.host else self.host
        if self.port is not None:
            port = f":{self.port}"
        if self.database is not None:
            database = "/" + DECODED.sub(lambda match: _encoded(match[0]), self.database)
        query = "&".join(f"{_encoded(key)}={_encoded(value, safe='/')}" for key, value in self.query)
        return f"{self.driver}://{login}{host}{port}{database}{'?' if query else ''}{query}"

    @property
    def shown(self) -> str:
        """The URL for people: without its password, wherever it carries one."""
        query = tuple((key, HIDDEN if "password" in key else value) for key, value in self.query)
        shown = replace(self, password=self.password and HIDDEN, query=query)
        return shown.text.replace(_encoded(HIDDEN), HIDDEN)

    def __repr__(self) -> str:
        return f"URL({self.shown!r})"

    @property
    def kind(self) -> str:
        """ "postgresql" or "sqlite", whatever the driver; "postgres" is the older spelling of the first."""
        kind = self.driver.partition("+")[0]
        return "postgresql" if kind == "postgres" else kind

    def values(self, key: str) -> list[str]:
        """The values of `key` in the query, each of a list with commas: libpq and SQLAlchemy 2 both take such lists."""
        return [each for name, value in self.query if name == key for each in value.split(",")]

    def addresses(self) -> list[tuple[str, int | None]]:
        """Where the server is: the query's hosts, else the URL's own; several where a cluster has several.

        A Unix socket's folder is a host, as it is for libpq. Empty where it is left to the driver. Raises ValueError.
        """
        ports = [int(each) if each else None for each in self.values("port")] or [self.port]
        hosts = [_host_and_port(each) for each in self.values("host")]
        if not hosts:
            return [(unquote(self.host or ""), ports[0])] if self.host or ports[0] else []
        if len(ports) == 1:
            ports *= len(hosts)
        return [(host, own or port) for (host, own), port in zip(hosts, ports, strict=True)]


def _host_and_port(text: str) -> tuple[str, int | None]:
    """ "h:5432" of a query: SQLAlchemy's way to name several servers."""
    host, colon, port = text.rpartition(":")
    if colon and port.isdigit() and "/" not in host and ":" not in host:
        return host, int(port)
    return text, None


def _decoded(text: str | None) -> str | None:
    return None if text is None else unquote(text)


def _encoded(text: str, safe: str = "") -> str:
    return quote(text, safe=safe)
