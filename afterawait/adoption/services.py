"""What an application talks to and a run can start beside it: Redis, or Valkey in its place. Driver process."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from afterawait.adoption import database
from afterawait.adoption.project import Project
from afterawait.adoption.variable import Variable

PROGRAMS = ("redis-server", "valkey-server")
IMAGES = ("redis", "valkey")
PACKAGES = ("redis", "aioredis", "valkey", "arq", "coredis", "fastapi-cache2", "fastapi-limiter")
NAME = "redis"
PORT = f"{{services.{NAME}.port}}"
URL = re.compile(r"(rediss?|valkeys?)://[^/]*(/\d+)?")
URLS = {"URL", "URI", "DSN", "BROKER", "BACKEND"}
HOSTS = {"HOST", "HOSTNAME", "SERVER", "ADDRESS"}
PASSWORDS = {"PASSWORD", "PASS", "PWD"}


@dataclass
class Services:
    """`tables` are those of `services`, `env` what leads the application there; `said` is for people."""

    tables: list[dict[str, object]] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    said: str = ""


def find(project: Project, variables: Iterable[Variable], given: Mapping[str, str]) -> Services:
    """Redis, where the project uses it; no table where no program for it is on this machine."""
    where = next((place for name, place in database.images(project) if name.startswith(IMAGES)), "")
    if not where and not database.uses(project, *PACKAGES):
        return Services()
    env = dict(filter(None, (_led(each, given) for each in variables)))
    if not env:
        said = f"{where} has it, and no variable leads elsewhere: start one, if tests need it"
        return Services(said=said if where else "")
    named = ", ".join(env)
    program = next((each for each in PROGRAMS if shutil.which(each, path=_path())), "")
    if not program:
        either = "install it and run `afterawait init --fill`"
        return Services(
            said=f"{PROGRAMS[0]} is not on this machine. If tests need it, {either}, or start one and write its place"
            f" into [tool.afterawait.env]: {named}"
        )
    table: dict[str, object] = {"name": NAME, "command": f"{program} --port {{port}} --save ''", "measure": False}
    return Services([table], env, f"{program}, one of the run's own, through {named}")


def _path() -> str:
    """Where a run looks for it: beside this Python first."""
    return os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])


def _led(variable: Variable, given: Mapping[str, str]) -> tuple[str, str] | None:
    """The variable with what leads to the run's own Redis; None where it is of another matter."""
    value = given.get(variable.name) or variable.default
    found = URL.match(value) if isinstance(value, str) else None
    last = variable.words[-1:]
    own = bool({"REDIS", "VALKEY"} & set(variable.words))
    if found or "RedisDsn" in variable.kind or (own and last and (last[0] in URLS or variable.words == ["REDIS"])):
        return variable.name, f"redis://127.0.0.1:{PORT}{(found[2] or '') if found else '/0'}"
    if own and last and last[0] in HOSTS:
        return variable.name, "127.0.0.1"
    if own and last == ["PORT"]:
        return variable.name, PORT
    if own and last and last[0] in PASSWORDS and (variable.required or given.get(variable.name)):
        return variable.name, ""
    return None
