"""Migrations that take the database's URL from alembic.ini alone: led to the run's own. Driver process."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from afterawait.adoption.schema_commands import Schema

UPGRADE = "alembic upgrade head"
AWAITED = re.compile(r"^(?:postgresql|sqlite) |\+(?:asyncpg|aiosqlite|psycopg_async)\b")
"""Of the value of `database` and that of a variable: the driver is an asynchronous one."""


def led(made: Schema, env: Mapping[str, str], setting: str) -> Schema:
    """The same, given the URL that one variable has for the application; as it is, where they go there by themselves.

    alembic.ini is not changed: the option is set in the process that upgrades. `setting` is the value of `database`:
    where the application awaits its driver and the migrations do not, they keep theirs.
    """
    urls = [name for name, value in env.items() if "{db.url}" in value or "://" in value]
    if not made.needs or made.commands != [UPGRADE] or len(urls) != 1:
        return made
    url = f"os.environ['{urls[0]}']"
    if made.scheme and AWAITED.search(f"{setting} {env[urls[0]]}"):
        url = f"('{made.scheme}://' + {url}.partition('://')[2])"
    option = f"c.set_main_option('sqlalchemy.url', {url}.replace('%', '%%'))"
    upgrade = f"c = alembic.config.Config('alembic.ini'); {option}; alembic.command.upgrade(c, 'head')"
    command = f'python -c "import os, alembic.command, alembic.config; {upgrade}"'
    return replace(made, commands=[command], needs="")
