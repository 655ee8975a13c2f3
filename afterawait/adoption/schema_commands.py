"""Commands that make a schema: as they are written into the key `setup`, and those of start scripts. Driver process."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath

from afterawait.adoption.commands import SERVERS
from afterawait.adoption.project import Project

HARMLESS = re.compile(r"^(#.*|set\b.*|echo\b.*|cd\b.*|export\b.*|exit\b.*|sleep\b.*|)$")
COMMAND = re.compile(r"^(?:(?:exec|uv run|poetry run|pdm run)\s+)*((?:python3?|alembic|aerich|piccolo)\s.*)$")
HANDS_OVER = re.compile(r"\bexec\s+\"?\$[@*]|\bfastapi (?:run|dev)\b")


@dataclass
class Schema:
    """`commands` for the key `setup`, none where the application makes its schema itself; `where` is what said so."""

    commands: list[str] = field(default_factory=list)
    where: str = ""
    unknown: bool = False
    """Nothing says how the schema is made."""
    needs: str = ""
    """What a person has to do before these commands reach the run's database, a sentence."""


def of_scripts(project: Project) -> Schema | None:
    """What a script runs before the server: a prestart script, or the lines above the server's."""
    scripts = [path for path in project.files if path.suffix == ".sh"]
    for path in sorted(scripts, key=lambda each: not _is_prestart(each)):
        lines = list(_without_waits(project.text(path)))
        at = next((number for number, line in enumerate(lines) if _starts_server(line)), None)
        if _is_prestart(path) != (at is None):
            continue
        lines = lines[:at]
        commands = [match[1] for line in lines if (match := COMMAND.match(line))]
        others = [line for line in lines if not COMMAND.match(line) and not HARMLESS.match(line)]
        if commands and not others:
            folder = path.parent.parent if path.parent.name in {"scripts", "docker", "bin"} else path.parent
            return Schema([in_folder(str(folder), each) for each in commands], str(path))
    return None


def _is_prestart(path: PurePath) -> bool:
    return "prestart" in path.name.replace("-", "").replace("_", "")


def _starts_server(line: str) -> bool:
    words = {each.rpartition("/")[2] for each in line.split()}
    return bool(SERVERS & words) or bool(HANDS_OVER.search(line))


def _without_waits(text: str) -> Iterator[str]:
    """The lines of a shell script, continued ones as one, without the loops that wait for a database."""
    waiting = False
    for line in (each.strip() for each in text.replace("\\\n", " ").splitlines()):
        waiting = waiting or line.startswith(("while ", "until "))
        if not waiting:
            yield line
        elif re.search(r"(^|;)\s*done\b", line):
            waiting = False


def in_folder(folder: str, command: str) -> str:
    """The command as it is run from the project's root; no shell, whose PATH may lead to another environment."""
    program, _, arguments = command.partition(" ")
    if folder == os.curdir:
        return command
    if program != "alembic":
        script, _, others = arguments.partition(" ")
        return f"python {folder}/{script} {others}".rstrip() if script.endswith(".py") else command
    call = f"os.chdir('{folder}'); alembic.config.main({shlex.split(arguments)})"
    return f'python -c "import alembic.config, os; {call}"'
