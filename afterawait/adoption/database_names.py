"""Which variables hold the database: its URL, its parts, the path of its file. Driver process."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from afterawait.adoption.variable import Variable

DATABASE = {
    *("DATABASE", "DB", "POSTGRES", "POSTGRESQL", "PG", "PSQL", "SQLALCHEMY", "SQL", "SQLITE", "SQLMODEL", "ASYNCPG"),
    *("RDS", "PGSQL"),
}
OTHERS = {
    "REDIS",
    "MONGO",
    "MONGODB",
    "MYSQL",
    "MARIADB",
    "RABBITMQ",
    "CELERY",
    "KAFKA",
    "ELASTIC",
    "CLICKHOUSE",
    "ORACLE",
    "MSSQL",
    "SNOWFLAKE",
    "NEO4J",
    "QDRANT",
    "WEAVIATE",
    "MILVUS",
    "OPENSEARCH",
    "ELASTICSEARCH",
    "CASSANDRA",
    "DYNAMODB",
    "VECTOR",
}
URL_ENDINGS = {"URL", "URI", "DSN", "CONNECTION", "CONN", "CONNSTRING"}
URL_STRINGS = {"STRING", "STR"}
PARTS = {
    "db.host": {"HOST", "HOSTNAME", "SERVER", "ADDRESS"},
    "db.port": {"PORT"},
    "db.user": {"USER", "USERNAME", "LOGIN"},
    "db.password": {"PASSWORD", "PASSWD", "PASS", "PWD"},
    "db.name": {"DB", "NAME", "DATABASE", "DBNAME", "BASE"},
}
KINDS = {"TYPE", "ENGINE", "DIALECT", "BACKEND", "VENDOR", "KIND"}
FILES = {"PATH", "FILE", "FILENAME"}
LIBPQ = {
    "PGHOST": "db.host",
    "PGPORT": "db.port",
    "PGUSER": "db.user",
    "PGPASSWORD": "db.password",
    "PGDATABASE": "db.name",
}
SCHEME = re.compile(r"^([a-z][a-z0-9+]*)://.|^(sqlite[a-z+]*):")


@dataclass
class Names:
    """The variables of the application's databases, by what they hold."""

    urls: list[Variable] = field(default_factory=list)
    parts: dict[str, str] = field(default_factory=dict)
    """By variable, the placeholder of what it holds."""
    files: list[Variable] = field(default_factory=list)
    kinds: list[Variable] = field(default_factory=list)
    """What choose between databases of several kinds."""

    def __bool__(self) -> bool:
        return bool(self.urls or self.parts or self.files)


def scheme(value: object) -> str:
    """The scheme of a URL, "" where `value` is none."""
    found = SCHEME.match(value) if isinstance(value, str) else None
    return (found[1] or found[2]) if found else ""


def find(variables: Iterable[Variable], given: Mapping[str, str]) -> Names:
    """Those of `variables` that hold a database. `given` are the values that .env files and examples give."""
    names = Names()
    known = {each.name: each for each in variables}
    groups: dict[str, dict[str, str]] = {}
    for name, variable in known.items():
        value = given.get(name) or variable.default
        kind = scheme(value)
        if kind.startswith(("postgres", "sqlite", "asyncpg")) or (not kind and _is_url(variable)):
            names.urls.append(variable)
        elif part := LIBPQ.get(name):
            groups.setdefault("PG", {})[name] = part
        elif (found := _part(variable)) is not None:
            groups.setdefault(found[0], {})[name] = found[1]
        elif variable.words[-1:] and variable.words[-1] in FILES and _is_database(variable.words[:-1]):
            names.files.append(variable)
        elif variable.words[-1:] and variable.words[-1] in KINDS and _is_database(variable.words[:-1]):
            names.kinds.append(variable)
    for group in groups.values():
        if "db.host" in group.values() and {"db.name", "db.user"} & set(group.values()):
            names.parts |= group
    if names.parts:  # a URL that is put together of them where it is not given
        names.urls = [each for each in names.urls if each.required or scheme(given.get(each.name) or each.default)]
    if names.urls or names.parts:
        names.files = []
    return names


def _is_database(words: list[str]) -> bool:
    return bool(DATABASE & set(words)) and not OTHERS & set(words)


def _is_url(variable: Variable) -> bool:
    words = variable.words
    if "PostgresDsn" in variable.kind:
        return True
    if words[-1:] and words[-1] in URL_STRINGS and len(words) > 1:
        words = words[:-1]
    if words == ["DSN"] or variable.name.upper() in {"DATABASEURL", "DBURL", "PGDSN"}:
        return True
    return bool(words) and words[-1] in URL_ENDINGS and _is_database(words[:-1])


def _part(variable: Variable) -> tuple[str, str] | None:
    """The group that a part belongs to, and the placeholder of what it holds."""
    words = variable.words
    if words[-2:] == ["DB", "NAME"]:  # POSTGRES_DB_NAME; DB_NAME
        words = [*words[:-2], "NAME"] if _is_database(words[:-2]) else words
    for placeholder, endings in PARTS.items():
        if words and words[-1] in endings and _is_database(words[:-1]):
            return "_".join(words[:-1]), placeholder
    return None
