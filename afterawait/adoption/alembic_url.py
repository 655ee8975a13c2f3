"""Migrations that take the database's URL from alembic.ini alone: led to the run's own. Driver process."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath

from afterawait.adoption.project import Project

HARD_CODED = re.compile(r"^sqlalchemy\.url\s*=\s*(?:postgres\w*|sqlite)[\w+]*:", re.MULTILINE)
LED = re.compile(
    r"set_main_option|set_section_option|create_(?:async_)?engine|environ|getenv|[Ss]ettings|\bconfig\.\w*url"
)
"""What in env.py says that it does not go by that line."""
UPGRADE = "alembic upgrade head"


def led(project: Project, command: str, env: Mapping[str, str]) -> str:
    """The command, told the URL from the variable that the application has it from; as it is, where that is not so.

    alembic.ini is not changed: the option is set in the process that upgrades.
    """
    urls = [name for name, value in env.items() if "{db.url}" in value or "://" in value]
    if command != UPGRADE or len(urls) != 1 or not HARD_CODED.search(project.text("alembic.ini")):
        return command
    scripts = re.search(r"^script_location\s*=\s*(?:%\(here\)s/)?(\S+)", project.text("alembic.ini"), re.MULTILINE)
    if scripts is None or LED.search(project.text(PurePath(scripts[1], "env.py"))):
        return command
    option = f"c.set_main_option('sqlalchemy.url', os.environ['{urls[0]}'].replace('%', '%%'))"
    upgrade = f"c = alembic.config.Config('alembic.ini'); {option}; alembic.command.upgrade(c, 'head')"
    return f'python -c "import os, alembic.command, alembic.config; {upgrade}"'
