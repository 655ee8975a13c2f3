"""Migrations that take the database's URL from alembic.ini alone: led to the run's own. Driver process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from afterawait.adoption.schema_commands import Schema

UPGRADE = "alembic upgrade head"


def led(made: Schema, env: Mapping[str, str]) -> Schema:
    """The same, given the URL that one variable has for the application; as it is, where they go there by themselves.

    alembic.ini is not changed: the option is set in the process that upgrades.
    """
    urls = [name for name, value in env.items() if "{db.url}" in value or "://" in value]
    if not made.needs or made.commands != [UPGRADE] or len(urls) != 1:
        return made
    option = f"c.set_main_option('sqlalchemy.url', os.environ['{urls[0]}'].replace('%', '%%'))"
    upgrade = f"c = alembic.config.Config('alembic.ini'); {option}; alembic.command.upgrade(c, 'head')"
    command = f'python -c "import os, alembic.command, alembic.config; {upgrade}"'
    return replace(made, commands=[command], needs="")
