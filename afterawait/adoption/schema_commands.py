"""Commands that make a schema: as they are written into the key `setup`, and those of start scripts. Driver process."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath

from afterawait.adoption.commands import SERVERS
from afterawait.adoption.project import Project
from afterawait.commands import programs
from afterawait.settings_checks import is_command

HARMLESS = re.compile(r"^(#.*|set\b.*|echo\b.*|cd\b.*|export\b.*|exit\b.*|sleep\b.*|)$")
COMMAND = re.compile(r"^(?:(?:exec|uv run|poetry run|pdm run)\s+)*((?:python3?|alembic|aerich|piccolo)\s.*)$")
PIECE = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\\.|(?:^|\s)\#.*|&&|;|.""")
"""What a line of a shell script is made of: a text in quotation marks, a comment, what joins two commands."""
QUOTED = re.compile(r"""'[^']*'|"[^"$`]*\"""")
BY_SHELL = re.compile(r"[$`|<>&()]")
"""What only a shell knows what to do with, outside quotation marks."""
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
    scheme: str = ""
    """That of the URLs which these commands take, where it cannot be an asynchronous driver's."""


def of_scripts(project: Project) -> Schema | None:
    """What a script runs before the server: a prestart script, or the lines above the server's."""
    scripts = [path for path in project.files if path.suffix == ".sh"]
    for path in sorted(scripts, key=lambda each: not _is_prestart(each)):
        lines = list(_without_waits(project.text(path)))
        at = next((number for number, line in enumerate(lines) if _starts_server(line)), None)
        if _is_prestart(path) != (at is None):
            continue
        folder = path.parent.parent if path.parent.name in {"scripts", "docker", "bin"} else path.parent
        if commands := _commands(project, str(folder), lines[:at]):
            return Schema(commands, str(path))
    return None


def _commands(project: Project, folder: str, lines: Iterable[str]) -> list[str]:
    """The commands of these lines, as they are run from the project's root; none where a shell has to run one."""
    found = []
    for line in lines:
        if match := COMMAND.match(line):
            if BY_SHELL.search(QUOTED.sub("", line)) or not is_command(line):
                return []
            found.append(in_folder(folder, match[1]))
        elif line.startswith("cd "):
            folder = _changed(project, folder, line.removeprefix("cd ").strip("\"' "))
        elif not HARMLESS.match(line):
            return []
    return found


def _changed(project: Project, folder: str, to: str) -> str:
    """The folder after `cd`, where the project has that one: what an image calls it is this one, most likely."""
    place = os.path.normpath(PurePath(folder, to))
    here = not to.startswith("/") and not place.startswith(os.pardir) and "$" not in to
    return place if here and (project.root / place).is_dir() else folder


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
            yield from _parts(line)
        elif re.search(r"(^|;)\s*done\b", line):
            waiting = False


def _parts(line: str) -> list[str]:
    """The commands of one line, its comment left out."""
    parts = [""]
    for each in PIECE.findall(line):
        if each in {"&&", ";"}:
            parts.append("")
        elif not each.lstrip().startswith("#"):
            parts[-1] += each
    return [each.strip() for each in parts if each.strip()]


def in_folder(folder: str, command: str) -> str:
    """The command as it is run from the project's root; no shell, whose PATH may lead to another environment."""
    program, _, arguments = command.partition(" ")
    if folder == os.curdir:
        return command
    if program != "alembic":
        script, *others = shlex.split(arguments)
        return shlex.join(["python", f"{folder}/{script}", *others]) if script.endswith(".py") else command
    call = f"os.chdir({folder!r}); alembic.config.main({shlex.split(arguments)})"
    return programs.of_code(f"import alembic.config, os; {call}")
