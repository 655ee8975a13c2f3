"""Where a key stands in a TOML file, for messages: parsers of TOML do not say. Driver and test process."""

from __future__ import annotations

import re
from collections.abc import Iterator

_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_ELEMENT = re.compile(r"\s*\[\[\s*([^\[\]]+?)\s*\]\]\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([\w\"'. -]+?)\s*=")
_QUOTES = re.compile(r'"""|\'\'\'')


def line_of(text: str, table: str, key: str) -> int | None:
    """The number of the line in which `key` of `table` ("tool.afterawait") is set, as a table of its own too.

    The tables of an array are numbered from 0: "services.1.name". None where it is written in a way that is not
    looked for, an inline table say.
    """
    wanted = f"{table}.{key}"
    return next((number for number, name in _names(text) if name == wanted or name.startswith(f"{wanted}.")), None)


def _names(text: str) -> Iterator[tuple[int, str]]:
    """The full name of each header and key, by line. What stands in a text of several lines is none."""
    header, quoted = "", False
    arrays: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        inside, quoted = quoted, quoted ^ (len(_QUOTES.findall(line)) % 2 == 1)
        if inside:
            continue
        if found := _HEADER.match(line):
            header = _numbered(_plain(found[1]), arrays)
            yield number, header
        elif found := _ELEMENT.match(line):
            name = _plain(found[1])
            arrays[name] = arrays.get(name, -1) + 1
            header = f"{name}.{arrays[name]}"
            yield number, header
        elif found := _KEY.match(line):
            yield number, f"{header}.{_plain(found[1])}".lstrip(".")


def _numbered(header: str, arrays: dict[str, int]) -> str:
    """The name of a table in the last one of an array."""
    for name, number in arrays.items():
        if header.startswith(f"{name}."):
            return f"{name}.{number}{header.removeprefix(name)}"
    return header


def _plain(name: str) -> str:
    """A dotted name without spaces and quotation marks."""
    return ".".join(part.strip().strip("\"'") for part in name.split("."))
