"""`[tool.afterawait]` of pyproject.toml: read, and each key checked by itself. Driver and test process.

KEYS is the one list of settings: the README's table is compared with it.
"""

from __future__ import annotations

import difflib
import math
import re
import shlex
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from afterawait import protocol, toml_lines
from afterawait.faults import EnvironmentFault

TABLE = "[tool.afterawait]"
FORMER_TABLE = "e2e"
TWO_LINES = f'{TABLE} and app = "package.module:app"'

Check = Callable[[Any], bool]


@dataclass(frozen=True)
class Key:
    """One setting: what its value is, an example, and the check of a value. The README says what it means."""

    kind: str
    example: str
    accepts: Check


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_databases(value: Any) -> bool:
    return _is_list(value) and all("://" not in each or DATABASE.match(each) for each in value)


def _is_app(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    module, _, attribute = value.partition(":")
    return all(part.isidentifier() for part in [*module.split("."), *attribute.removesuffix("()").split(".")])


def _is_command(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(shlex.split(value))
    except ValueError:  # a quotation mark that is not closed
        return False


def _is_commands(value: Any) -> bool:
    return _is_command(value) or (isinstance(value, list) and all(map(_is_command, value)))


def _is_env(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) or _is_number(each) for each in value.values())


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _between(least: float, most: float) -> Check:
    return lambda value: _is_number(value) and least <= value <= most


def _is_grace(value: Any) -> bool:
    return isinstance(value, int) and _between(0, protocol.MOST_GRACE)(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and _between(1, math.inf)(value)


KEEP_RUNS = 10
MOST_SECONDS = 3600
DATABASE = re.compile(r"(postgres|postgresql|mysql|mariadb|sqlite)(\+\w+)?://")

KEYS = {
    "app": Key(
        'a text like "package.module:app" or "package.module:factory()"',
        'app = "shop.main:app"',
        _is_app,
    ),
    "server": Key(
        "a command",
        'server = "uvicorn shop.main:app --port {port}"',
        _is_command,
    ),
    "source": Key(
        "a list of folders or Python files",
        'source = ["shop"]',
        _is_list,
    ),
    "path": Key(
        "a list of folders",
        'path = ["src"]',
        _is_list,
    ),
    "tests": Key(
        "a list of folders or files",
        'tests = ["tests/e2e"]',
        _is_list,
    ),
    "setup": Key(
        "a command, or a list of commands",
        'setup = "alembic upgrade head"',
        _is_commands,
    ),
    "database": Key(
        "a kind of database or the URL of a server",
        'database = "postgresql"',
        _is_text,
    ),
    "env": Key(
        "a table of texts or numbers",
        'env = { DATABASE_URL = "{db.url}" }',
        _is_env,
    ),
    "coverage_config": Key(
        "the name of a file",
        'coverage_config = ".coveragerc"',
        _is_text,
    ),
    "fail_under": Key(
        "a number from 0 to 100",
        "fail_under = 90",
        _between(0, 100),
    ),
    "start_timeout": Key(
        f"a number of seconds from 0.1 to {MOST_SECONDS}",
        "start_timeout = 60",
        _between(0.1, MOST_SECONDS),
    ),
    "grace": Key(
        f"a whole number from 0 to {protocol.MOST_GRACE}",
        "grace = 10",
        _is_grace,
    ),
    "keep_runs": Key(
        "a whole number of at least 1",
        "keep_runs = 30",
        _is_count,
    ),
    "databases_allowed": Key(
        "a list of databases' URLs (postgresql://host:5432/name) or SQLite files",
        'databases_allowed = ["postgresql://db.example.com/reports"]',
        _is_databases,
    ),
    "demo": Key(
        "a command, or a list of commands",
        'demo = "python demo.py"',
        _is_commands,
    ),
}


def read(root: Path) -> dict[str, Any]:
    """The table as it is written, every key known and of the right kind. Raises EnvironmentFault."""
    table = _table(root / "pyproject.toml")
    for name, value in table.items():
        if name not in KEYS:
            raise _unknown(root, name)
        key = KEYS[name]
        if not key.accepts(value):
            message = f"{TABLE}.{name} is {value!r}, which is not {key.kind}."
            raise fault(root, name, message, hint=f"Write, for example: {key.example}")
    return table


def fault(root: Path, key: str, message: str, *, hint: str) -> EnvironmentFault:
    """What is wrong with `key`, with the file and the line where it stands."""
    path = root / "pyproject.toml"
    try:
        line = toml_lines.line_of(path.read_text(encoding="utf-8"), TABLE.strip("[]"), key)
    except (OSError, ValueError):
        line = None
    return EnvironmentFault(f"{path.name}{f':{line}' if line else ''}: {message}", hint=hint)


def _unknown(root: Path, name: str) -> EnvironmentFault:
    near = difflib.get_close_matches(name, KEYS, n=1)
    hint = f"Did you mean `{near[0]}`?" if near else f"The keys are {', '.join(sorted(KEYS))}."
    return fault(root, name, f"{TABLE} has no key `{name}`.", hint=hint)


def document(path: Path) -> dict[str, Any]:
    """A pyproject.toml as it is. Raises EnvironmentFault where it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"There is no pyproject.toml in {path.parent}."
        hint = f"Go to the project's root, or write it with {TWO_LINES}: `afterawait init` looks, and does so."
        raise EnvironmentFault(message, hint=hint) from None
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be read: {error.strerror}.", hint="Make it readable.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EnvironmentFault(f"{path} is not TOML: {error}.", hint="Fix it at that place.") from None


def _table(path: Path) -> dict[str, Any]:
    """The table itself, of whatever content."""
    tools = document(path).get("tool", {})
    table = tools.get("afterawait") if isinstance(tools, dict) else None
    if isinstance(table, dict):
        return table
    if table is not None:
        message = f"`afterawait` below [tool] in {path} is {table!r}, which is not a table."
        raise EnvironmentFault(message, hint=f"Write two lines: {TWO_LINES}.")
    if isinstance(tools, dict) and FORMER_TABLE in tools:
        message = f"The settings in {path} are in [tool.{FORMER_TABLE}], the table of the first version."
        raise EnvironmentFault(message, hint=f"Rename it to {TABLE}, and [tool.{FORMER_TABLE}.env] likewise.")
    hint = f"Write two lines: {TWO_LINES}. Or run `afterawait init`: it looks, and writes them."
    raise EnvironmentFault(f"{path} has no {TABLE}.", hint=hint)
