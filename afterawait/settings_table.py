"""`[tool.afterawait]` of pyproject.toml: read, and each key checked by itself. Driver and test process.

KEYS is the one list of settings: the README's table is compared with it.
"""

from __future__ import annotations

import difflib
import tomllib
from pathlib import Path
from typing import Any

from afterawait import protocol, toml_lines
from afterawait.faults import EnvironmentFault
from afterawait.settings_checks import (
    Key,
    between,
    is_app,
    is_command,
    is_commands,
    is_count,
    is_databases,
    is_env,
    is_grace,
    is_list,
    is_switch,
    is_tables,
    is_text,
)

TABLE = "[tool.afterawait]"
FORMER_TABLE = "e2e"
TWO_LINES = f'{TABLE} and app = "package.module:app"'

KEEP_RUNS = 10
MOST_SECONDS = 3600

KEYS = {
    "app": Key(
        'a text like "package.module:app" or "package.module:factory()"',
        'app = "shop.main:app"',
        is_app,
    ),
    "server": Key(
        "a command",
        'server = "uvicorn shop.main:app --port {port}"',
        is_command,
    ),
    "source": Key(
        "a list of folders or Python files",
        'source = ["shop"]',
        is_list,
    ),
    "path": Key(
        "a list of folders",
        'path = ["src"]',
        is_list,
    ),
    "tests": Key(
        "a list of folders or files",
        'tests = ["tests/e2e"]',
        is_list,
    ),
    "setup": Key(
        "a command, or a list of commands",
        'setup = "alembic upgrade head"',
        is_commands,
    ),
    "database": Key(
        "a kind of database or the URL of a server",
        'database = "postgresql"',
        is_text,
    ),
    "env": Key(
        "a table of texts or numbers",
        'env = { DATABASE_URL = "{db.url}" }',
        is_env,
    ),
    "services": Key(
        "tables with a name and a command each",
        'services = [{ name = "redis", command = "redis-server --port {port}" }]',
        is_tables,
    ),
    "forward": Key(
        "true or false",
        "forward = true",
        is_switch,
    ),
    "coverage_config": Key(
        "the name of a file",
        'coverage_config = ".coveragerc"',
        is_text,
    ),
    "fail_under": Key(
        "a number from 0 to 100",
        "fail_under = 90",
        between(0, 100),
    ),
    "start_timeout": Key(
        f"a number of seconds from 0.1 to {MOST_SECONDS}",
        "start_timeout = 60",
        between(0.1, MOST_SECONDS),
    ),
    "grace": Key(
        f"a whole number from 0 to {protocol.MOST_GRACE}",
        "grace = 10",
        is_grace,
    ),
    "keep_runs": Key(
        "a whole number of at least 1",
        "keep_runs = 30",
        is_count,
    ),
    "databases_allowed": Key(
        "a list of databases' URLs (postgresql://host:5432/name) or SQLite files",
        'databases_allowed = ["postgresql://db.example.com/reports"]',
        is_databases,
    ),
    "demo": Key(
        "a command, or a list of commands",
        'demo = "python demo.py"',
        is_commands,
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
        line = _line(path.read_text(encoding="utf-8"), key)
    except (OSError, ValueError):
        line = None
    return EnvironmentFault(f"{path.name}{f':{line}' if line else ''}: {message}", hint=hint)


def _line(text: str, key: str) -> int | None:
    """Of `key`, or of the inline table that it stands in."""
    while key:
        if line := toml_lines.line_of(text, TABLE.strip("[]"), key):
            return line
        key = key.rpartition(".")[0]
    return None


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
