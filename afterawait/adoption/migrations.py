"""Migrations: the command of the tool that runs them, Alembic mostly. Driver process."""

from __future__ import annotations

import configparser
import os
import re
import shlex
from dataclasses import replace
from pathlib import PurePath

from afterawait.adoption.commands import with_commands
from afterawait.adoption.database_names import scheme
from afterawait.adoption.project import Project
from afterawait.adoption.reach import Reach
from afterawait.adoption.schema_commands import Schema, in_folder

MIGRATIONS = {"aerich upgrade": "aerich", "piccolo migrations forwards all": "piccolo_conf.py"}
"""The command that makes a schema, and the sign of its tool: a table below [tool], or a file."""
URL = "sqlalchemy.url"
LEADS_ELSEWHERE = re.compile(
    r"set_main_option|set_section_option|environ|getenv|create_(?:async_)?engine\b|\bsettings\b"
    r"|[\"']sqlalchemy\.url[\"']\] *="
)
"""What in Alembic's env.py says that it does not take the URL of its file."""


def of_litestar(project: Project, reach: Reach, app: str) -> Schema | None:
    """Advanced Alchemy's migrations, which run by a command of Litestar's alone."""
    for path in reach.modules:
        text = project.text(path)
        if "AlembicAsyncConfig(" in text or "AlembicSyncConfig(" in text:
            name = app.removesuffix("()")
            return Schema([f"litestar --app {name} database upgrade --no-prompt"], str(path))
    return None


def of_alembic(project: Project) -> Schema | None:
    """Alembic's, by its file of settings."""
    if project.table("tool", "alembic") and not project.has("alembic.ini"):
        return Schema(["alembic upgrade head"], "[tool.alembic] in pyproject.toml")
    for path in project.files:
        if path.name != "alembic.ini":
            continue
        folder = str(path.parent)
        ini = _ini(project.text(path))
        place = ini.get("script_location", "")
        versions = project.root / folder / place.replace("%(here)s/", "") / "versions"
        if place and versions.parent.is_dir() and not any(versions.glob("*.py")):
            continue  # nothing to upgrade to
        if folder == os.curdir:
            command = "alembic upgrade head"
        elif "%(here)s" in place or project.has(place):
            command = f"alembic -c {shlex.quote(str(path))} upgrade head"
        else:
            command = in_folder(folder, "alembic upgrade head")
        env_py = _env_py(project, path, ini)
        awaits = env_py is not None and "async_engine_from_config(" in project.text(env_py)
        made = Schema([command], str(path), needs=_own_database(project, path, ini, env_py))
        return made if awaits else replace(made, scheme=scheme(ini.get(URL)))
    return None


def _env_py(project: Project, path: PurePath, ini: dict[str, str]) -> PurePath | None:
    """The module that runs the migrations of the settings in `path`."""
    place = ini.get("script_location", "").replace("%(here)s/", "").replace(":", "/")
    known = (path.parent / place / "env.py", PurePath(place, "env.py"))
    return next((each for each in known if project.has(each)), None)


def _own_database(project: Project, path: PurePath, ini: dict[str, str], env_py: PurePath | None) -> str:
    """What is to be done where migrations go to the database that their own file names; "" where they do not."""
    if not scheme(ini.get(URL)).startswith(("postgres", "sqlite")):
        return ""
    text = project.text(env_py) if env_py is not None else ""
    if "engine_from_config(" not in text or LEADS_ELSEWHERE.search(text):
        return ""
    lines = project.text(path).splitlines()
    number = next((at for at, line in enumerate(lines, 1) if line.startswith(URL)), 0)
    return (
        f"{env_py} takes the database from {path}:{number}: let it say, before it connects,"
        f' config.set_main_option("{URL}", ...) with the URL that the application uses.'
    )


def of_others(project: Project) -> Schema | None:
    """Those of an object mapper's own tool, where a command of the project runs them, or its settings are here."""
    for path in with_commands(project):
        for command in MIGRATIONS:
            if command in project.text(path):
                return Schema([command], str(path))
    for command, sign in MIGRATIONS.items():
        if project.table("tool", sign):
            return Schema([command], f"[tool.{sign}] in pyproject.toml")
        if found := next((path for path in project.files if path.name == sign), None):
            return Schema([command], str(found))
    return None


def _ini(text: str) -> dict[str, str]:
    """Alembic's section."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
        return dict(parser["alembic"]) if parser.has_section("alembic") else {}
    except configparser.Error:
        return {}
