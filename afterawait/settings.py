"""All that a run can be told, read once: `[tool.afterawait]` in pyproject.toml and the environment. Test process."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from afterawait import protocol
from afterawait.faults import EnvironmentFault

# Environment variables that a run reads; the README has the same table (a selftest compares them).
ENVIRONMENT = {
    protocol.DATABASE_URL: "the database server to use in place of a private PostgreSQL; sqlite+aiosqlite: for SQLite",
    protocol.BASE_URL: "drive a server that somebody else started, and report tests only",
    protocol.PG_BIN: "the folder with PostgreSQL's initdb and postgres",
    protocol.PORT: "the server's port on 127.0.0.1; without it a free one",
    "NO_COLOR": "no colours, whatever the terminal",
    "PYTHON": "the Python that .venv is made with",
}

MAX_PORT = 65535


@dataclass(frozen=True)
class Settings:
    """`app` is "module:attribute" or "module:factory()"; `source` the folders whose coverage gates.

    `env` holds the server's and the setup command's variables, with placeholders such as {db.url};
    `setup` is the command that creates the schema, run with `python` meaning the run's own interpreter; `demo` one that
    fills the server at AFTERAWAIT_BASE_URL with something to look at. `with_session` is the explored session that
    reports are shown beside.
    """

    root: Path
    app: str
    source: tuple[str, ...]
    setup: str = ""
    demo: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    rcfile: Path = Path(".coveragerc")
    start_timeout: float = 30.0
    grace: int = protocol.GRACE
    database_url: str | None = None
    base_url: str | None = None
    pg_bin: str | None = None
    port: int = 0
    with_session: str = ""

    @property
    def state(self) -> Path:
        """The folder that holds everything a run makes; one that drives another run's server keeps out of its way."""
        return self.root / protocol.STATE / protocol.ELSEWHERE if self.base_url else self.root / protocol.STATE


def load(root: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read `root`/pyproject.toml and `environ`. Raises EnvironmentFault, naming the key that is wrong."""
    table = _table(root / "pyproject.toml")
    known = {"app", "source", "setup", "demo", "env", "database", "start_timeout", "grace"}
    if unknown := sorted(table.keys() - known):
        raise EnvironmentFault(
            f"[tool.afterawait] in pyproject.toml has keys that mean nothing: {', '.join(unknown)}.",
            hint=f"Use only {', '.join(sorted(known))}.",
        )
    source = [str(each).strip("/") for each in _checked(table, "source", list, [])]
    absent = [each for each in source if not (root / each).is_dir()]
    if absent or not source:
        raise EnvironmentFault(
            f"[tool.afterawait].source names {', '.join(absent) or 'nothing'}, which is no folder here.",
            hint='Name the folders whose coverage gates: source = ["app"].',
        )
    env = _checked(table, "env", dict, {})
    return Settings(
        root=root,
        app=_app(table),
        source=tuple(source),
        setup=_checked(table, "setup", str, ""),
        demo=_checked(table, "demo", str, ""),
        env={str(name): str(value) for name, value in env.items()},
        rcfile=root / ".coveragerc",
        start_timeout=float(_checked(table, "start_timeout", (int, float), 30)),
        grace=_grace(table),
        database_url=_url(environ.get(protocol.DATABASE_URL) or _checked(table, "database", str, "")),
        base_url=(environ.get(protocol.BASE_URL) or "").rstrip("/") or None,
        pg_bin=environ.get(protocol.PG_BIN) or None,
        port=_port(environ.get(protocol.PORT)),
    )


def _table(path: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))["tool"]["afterawait"]
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be read: {error.strerror}.", hint="Run from a project's root.") from None
    except KeyError:
        raise EnvironmentFault(
            f"{path} has no [tool.afterawait].", hint='Add it, with app = "module:app" at least.'
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise EnvironmentFault(f"{path} is not TOML: {error}.", hint="Fix it.") from None
    checked: dict[str, Any] = _checked({"tool.afterawait": table}, "tool.afterawait", dict, {})
    return checked


def _app(table: dict[str, Any]) -> str:
    app: str = _checked(table, "app", str, "")
    module, colon, attribute = app.partition(":")
    if not (module and colon and attribute):
        raise EnvironmentFault(
            f"[tool.afterawait].app is {app!r}, which names no application.",
            hint='Write it as "package.module:app" or "package.module:factory()".',
        )
    return app


def _checked(table: dict[str, Any], key: str, kind: Any, default: Any) -> Any:
    value = table.get(key, default)
    if not isinstance(value, kind) or isinstance(value, bool):
        names = " or ".join(each.__name__ for each in (kind if isinstance(kind, tuple) else (kind,)))
        raise EnvironmentFault(
            f"[tool.afterawait].{key} is {value!r}, not a {names}.", hint="Fix it in pyproject.toml."
        )
    return value


def _url(text: str) -> str | None:
    """ "sqlite+aiosqlite:" alone says which kind of database; SQLAlchemy wants slashes behind it."""
    return f"{text}//" if text.endswith(":") else text or None


def _port(text: str | None) -> int:
    if not text:
        return 0
    if not (text.isdigit() and 0 < int(text) <= MAX_PORT):
        raise EnvironmentFault(f"AFTERAWAIT_PORT is {text!r}, which is no port.", hint="Give a number from 1 to 65535.")
    return int(text)


def _grace(table: dict[str, Any]) -> int:
    grace: int = _checked(table, "grace", int, protocol.GRACE)
    if not 0 <= grace <= protocol.MOST_GRACE:
        raise EnvironmentFault(
            f"[tool.afterawait].grace is {grace}: open requests cannot get so many seconds at a stop.",
            hint=f"Write a number from 0 to {protocol.MOST_GRACE}, or leave it out ({protocol.GRACE}).",
        )
    return grace
