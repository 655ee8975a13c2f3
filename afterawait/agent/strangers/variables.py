"""Which variable an application has a database from: of its environment, or of a `.env` file. In measured processes.

Read only, and only for what people are told: an application may have it from elsewhere, then none is found.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from afterawait.agent.strangers.target import PORTS, Target, is_same_server

LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*")
PART = re.compile(r"(.*?)_?(HOST(?:NAME)?|SERVER|PORT|DATABASE|DBNAME|DB|NAME|USER(?:NAME)?|PASS(?:WORD|WD)?)")
PLACEHOLDERS = {
    "HOST": "{db.host}",
    "SERV": "{db.host}",
    "PORT": "{db.port}",
    "USER": "{db.user}",
    "PASS": "{db.password}",
}
NAME = "{db.name}"
LONGEST = 1 << 16  # bytes of a .env


def holding(target: Target, root: str) -> tuple[dict[str, str], str, str]:
    """What to set for another database: placeholders by variable; the file they stand in, ""; the URL's scheme, ""."""
    for path in _files(root):
        found, scheme = _in(_read(path), target)
        if found:
            return found, path.name, scheme
    found, scheme = _in({name: value for name, value in os.environ.items() if "AFTERAWAIT" not in name}, target)
    return found, "", scheme


def _files(root: str) -> Iterator[Path]:
    for folder in dict.fromkeys((Path.cwd(), Path(root))):
        yield from sorted(each for each in folder.glob(".env*") if each.is_file() and each.stat().st_size < LONGEST)


def _read(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}
    found = [match for match in map(LINE.fullmatch, lines) if match]
    return {match[1]: _unquoted(match[2]) for match in found}


def _unquoted(value: str) -> str:
    if value[:1] in {'"', "'"}:
        return value[1:].partition(value[0])[0]
    return value.partition(" #")[0].rstrip()


def _in(variables: Mapping[str, str], target: Target) -> tuple[dict[str, str], str]:
    for name, value in variables.items():
        if "://" in value and _is_url_of(value, target):
            return {name: "{db.url}"}, value.partition("://")[0]
    if target.kind == "sqlite":
        return {name: NAME for name, value in variables.items() if _is_file(value, target)}, ""
    for name, value in variables.items():
        part = PART.fullmatch(name.upper())
        if value == target.database and part and part[2][:4] not in PLACEHOLDERS:
            return _beside(variables, part[1]), ""
    return {}, ""


def _beside(variables: Mapping[str, str], stem: str) -> dict[str, str]:
    """DB_NAME's neighbours: DB_HOST, DB_PORT, ..."""
    parts = {name: PART.fullmatch(name.upper()) for name in variables}
    return {name: PLACEHOLDERS.get(part[2][:4], NAME) for name, part in parts.items() if part and part[1] == stem}


def _is_file(value: str, target: Target) -> bool:
    return bool(value) and "\0" not in value and os.path.realpath(value) == os.path.realpath(target.database)


def _is_url_of(value: str, target: Target) -> bool:
    try:
        url = urlsplit(value)
        port = url.port
    except ValueError:
        return False
    kind = url.scheme.partition("+")[0].replace("postgresql", "postgres").replace("mariadb", "mysql")
    if kind != target.kind.replace("postgresql", "postgres"):
        return False
    path = unquote(url.path[1:])
    if kind == "sqlite":
        return _is_file(path.removeprefix("file:"), target)
    host = url.hostname or parse_qs(url.query).get("host", [""])[0]
    same = is_same_server(host, target.host) and (port or PORTS[target.kind]) == target.port
    return path in {"", target.database} and (same or "," in url.netloc)
