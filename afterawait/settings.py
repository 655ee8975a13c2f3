"""All settings of a run, read once: `[tool.afterawait]` in pyproject.toml and the environment. Driver, test process."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from afterawait import measured_files, placeholders, protocol, settings_services, settings_source, settings_table
from afterawait.faults import EnvironmentFault
from afterawait.settings_services import Service

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
    """One project's settings; afterawait/settings_table.py says what each of the table's keys means.

    `source`, `path` and `tests` are names below `root`. `coverage_config` is absolute, None where the project names
    none. `with_session` is the explored session that reports are shown beside. `collect` are the folders to which the
    server at `base_url` writes what it measures.
    """

    root: Path
    app: str = ""
    server: str = ""
    source: tuple[str, ...] = ()
    path: tuple[str, ...] = (".",)
    tests: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()
    demo: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    services: tuple[Service, ...] = ()
    forward: bool = False
    coverage_config: Path | None = None
    fail_under: float = 0.0
    start_timeout: float = 30.0
    grace: int = protocol.GRACE
    keep_runs: int = settings_table.KEEP_RUNS
    database: str = ""
    database_url: str | None = None
    base_url: str | None = None
    pg_bin: str | None = None
    port: int = 0
    databases_allowed: tuple[str, ...] = ()
    with_session: str = ""
    collect: tuple[Path, ...] = ()

    @property
    def state(self) -> Path:
        """The folder that holds everything a run makes; one that drives another run's server keeps out of its way."""
        return self.root / protocol.STATE if self.measures else self.root / protocol.STATE / protocol.ELSEWHERE

    @property
    def measures(self) -> bool:
        """Whether there are data to judge: not of a server of somebody else's, unless they are collected."""
        return not self.base_url or bool(self.collect)

    @property
    def import_roots(self) -> list[Path]:
        """The folders that the project's own modules are imported from, in order; its root is always one."""
        return list(dict.fromkeys((self.root / each).absolute() for each in [*self.path, "."]))

    @property
    def places(self) -> list[Path]:
        """The real folders and files that are measured."""
        return measured_files.places(self.root, self.source)

    @property
    def needs_database(self) -> bool:
        """Whether databases are made: DATABASE_URL alone, which may be anybody's, is no reason."""
        return bool(self.database) or any("{db." in value for value in self.filled)

    @property
    def database_setting(self) -> str:
        """What people wrote `database_url` in."""
        return "[tool.afterawait].database" if self.database_url == self.database else protocol.DATABASE_URL

    @property
    def pytest_options(self) -> list[str]:
        """What tells pytest the `tests` to run where the command line names none.

        pytest heeds them in its root alone, and would take a folder above for it that has settings for pytest.
        """
        if not self.tests:
            return []
        return [f"--rootdir={self.root}", f"--override-ini=testpaths={shlex.join(self.tests)}"]

    @property
    def tested(self) -> str:
        """What is started, for people."""
        return self.server or self.app

    @property
    def filled(self) -> tuple[str, ...]:
        """The texts that placeholders are filled in."""
        return *self._own, *(text for each in self.services for text in each.filled)

    @property
    def _own(self) -> tuple[str, ...]:
        """Those of the server itself."""
        return self.server, *self.env.values()

    @property
    def names_port(self) -> bool:
        """Whether the port is chosen before the server starts, to be named by its command or its environment."""
        return any(f"{{{placeholders.PORT}}}" in each for each in self._own)

    @property
    def one_at_a_time(self) -> bool:
        """Whether a second server, or set of services, would want a port that the first one has."""
        chooses = bool(self.server) and not self.names_port  # the command names its port, most likely
        return bool(self.port) or chooses or any(each.ready.port for each in self.services)

    def require_server(self) -> None:
        """Raise EnvironmentFault where there is neither an application nor a command to start."""
        if not self.app and not self.server:
            message = "[tool.afterawait].app is not set: there is no application to start."
            raise EnvironmentFault(message, hint=settings_source.NO_APP)


def load(
    root: Path, environ: Mapping[str, str] = os.environ, *, app: str | None = None, server: str | None = None
) -> Settings:
    """Read `root`/pyproject.toml and `environ`. Raises EnvironmentFault, naming the key that is wrong.

    `app` and `server` take the place of the table's.
    """
    table = settings_table.read(root) | {key: value for key, value in (("app", app), ("server", server)) if value}
    base_url = (environ.get(protocol.BASE_URL) or "").rstrip("/") or None
    collect = _collect(environ, base_url)
    path = _names(root, table, "path", folders=True) or (".", "src")[: 1 + (root / "src").is_dir()]
    services = settings_services.read(root, table.get("services", ()))
    known = (*placeholders.KNOWN, *settings_services.known_ports(services))
    server, env = placeholders.check(root, "server", table.get("server", ""), known), _env(root, table, known)
    source = settings_source.of(root, table, path, services, needed=base_url is None or bool(collect))
    return Settings(
        root=root,
        app=table.get("app", ""),
        server=server,
        source=source,
        path=path,
        tests=_names(root, table, "tests"),
        setup=_commands(table.get("setup", ())),
        demo=_commands(table.get("demo", ())),
        env=env,
        services=tuple(settings_source.judged(root, each, path, source) for each in services),
        forward=table.get("forward", False),
        coverage_config=_coverage_config(root, table),
        fail_under=float(table.get("fail_under", 0)),
        start_timeout=float(table.get("start_timeout", 30)),
        grace=table.get("grace", protocol.GRACE),
        keep_runs=table.get("keep_runs", settings_table.KEEP_RUNS),
        database=table.get("database", ""),
        database_url=environ.get(protocol.DATABASE_URL) or table.get("database") or None,
        base_url=base_url,
        collect=collect,
        pg_bin=environ.get(protocol.PG_BIN) or None,
        databases_allowed=tuple(table.get("databases_allowed", ())),
        port=_port(environ.get(protocol.PORT)),
    )


def _names(root: Path, table: Mapping[str, Any], key: str, *, folders: bool = False) -> tuple[str, ...]:
    """Names below `root` that stand there."""
    names = tuple(table.get(key, ()))
    absent = [each for each in names if not (root / each).is_dir() and (folders or not (root / each).exists())]
    if absent:
        what = "folder" if folders else "file or folder"
        message = f"[tool.afterawait].{key} names {', '.join(absent)}, which is no {what} here."
        raise settings_table.fault(root, key, message, hint=f"Write names as they are from {root}.")
    return names


def _commands(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _env(root: Path, table: Mapping[str, Any], known: Sequence[str]) -> dict[str, str]:
    """The variables of `env` as texts, each placeholder in them a known one."""
    env = {name: str(value) for name, value in table.get("env", {}).items()}
    for name, value in env.items():
        placeholders.check(root, f"env.{name}", value, known)
    return env


def _coverage_config(root: Path, table: Mapping[str, Any]) -> Path | None:
    name: str | None = table.get("coverage_config")
    if name is None:
        return None
    if not (root / name).is_file():
        message = f"[tool.afterawait].coverage_config names {name}, which is no file here."
        hint = "Write the name of a coverage configuration, or leave it out: a run then makes its own."
        raise settings_table.fault(root, "coverage_config", message, hint=hint)
    if "fail_under" in table:
        message = f"Both [tool.afterawait].fail_under and {name}, which coverage_config names, may say what gates."
        raise settings_table.fault(root, "fail_under", message, hint=f"Write fail_under in {name} alone.")
    return (root / name).absolute()


def _collect(environ: Mapping[str, str], base_url: str | None) -> tuple[Path, ...]:
    folders = tuple(Path(each) for each in environ.get(protocol.COLLECT, "").split(os.pathsep) if each)
    if folders and not base_url:
        message = "--collect takes what a server elsewhere has measured, and there is none."
        raise EnvironmentFault(message, hint="Say which it is: --base-url http://127.0.0.1:8080")
    return folders


def _port(text: str | None) -> int:
    if not text:
        return 0
    if not (text.isdecimal() and 0 < int(text) <= MAX_PORT):
        message = f"{protocol.PORT} is {text!r}, which is no port."
        raise EnvironmentFault(message, hint=f"Give a number from 1 to {MAX_PORT}.")
    return int(text)
