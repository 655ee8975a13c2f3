"""Commands that start a server, in whatever file people keep them: which application each names. Driver process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from afterawait.adoption.project import Project
from afterawait.commands import lines, programs

KINDS = (
    ("Dockerfile*", "*.Dockerfile", "*.dockerfile", "Containerfile*"),
    ("compose*.y*ml", "docker-compose*.y*ml"),
    ("Procfile*",),
    ("Makefile", "makefile", "justfile", "Justfile", "Taskfile.y*ml"),
    ("*.sh", "pyproject.toml", "package.json", "tox.ini"),
    (".env*", "*.env*", "launch.json", "tasks.json", "fly.toml", "render.yaml", "app.yaml", "railway.*", "README*"),
)
"""In this order they are believed."""
DEPLOYED = 4
"""The last of them that says how the application is deployed."""

SERVERS = set(programs.SERVERS) - {"fastapi", "flask"}
"""Those that are told an application; `fastapi` is told a file."""
MODULE = re.compile(r"\b(?:APP_MODULE|LITESTAR_APP|UVICORN_APP|FASTAPI_APP)[=:\s]+[\"']?([A-Za-z_][\w.]*:[A-Za-z_]\w*)")
AHEAD = 40  # words behind a server's name in which its application is looked for
FASTAPI_LOOKS_FOR = ("main.py", "app.py", "api.py", "app/main.py", "app/app.py", "app/api.py")


@dataclass(frozen=True)
class Command:
    """A server's command: `target` is "module:attribute", or the path of a file for `fastapi run`.

    `where` is its file and line, `folder` the one that it is run in as far as can be told. `words` are those behind
    the name of the `server`, up to the next command; of YAML that is read as one line, more may follow.
    """

    target: str
    where: str
    rank: int
    folder: str = "."
    factory: bool = False
    server: str = ""
    words: tuple[str, ...] = ()


def find(project: Project) -> list[Command]:
    """All of them, the most believable first."""
    entry = project.table("tool", "fastapi").get("entrypoint")
    found = [Command(entry, "[tool.fastapi] in pyproject.toml", -1)] if isinstance(entry, str) else []
    for path in with_commands(project):
        found += _commands(project, path, _rank(path) or 0)
    return sorted(found, key=lambda each: each.rank)


def with_commands(project: Project) -> list[PurePath]:
    """The files that people keep commands in, the most believable first."""
    ranked = [(rank, path) for path in project.files if (rank := _rank(path)) is not None]
    return [path for _, path in sorted(ranked, key=lambda each: each[0])]


def _rank(path: PurePath) -> int | None:
    return next((rank for rank, names in enumerate(KINDS) if any(path.match(each) for each in names)), None)


def _commands(project: Project, path: PurePath, rank: int) -> Iterator[Command]:
    folder = str(path.parent)
    if path.parent.name in {"scripts", "bin", "docker", "deploy", ".vscode", ".devcontainer"}:
        folder = str(path.parent.parent)
    for number, line in lines.of(path.name, project.text(path)):
        where = f"{path}:{number}" if number else str(path)
        if served := MODULE.search(line):
            yield Command(served[1], where, rank, folder)
        yield from _in_line(project, line, where, rank, folder)


def _in_line(project: Project, line: str, where: str, rank: int, folder: str) -> Iterator[Command]:
    words = lines.words(line)
    for at, word in enumerate(words):
        ahead = words[at + 1 : at + 1 + AHEAD]
        if word == "cd" and ahead and project.has(PurePath(folder, ahead[0])):
            folder = str(PurePath(folder, ahead[0].strip(";")))
        name = word.rpartition("/")[2]
        if name in SERVERS and (served := programs.application(lines.own(ahead))):
            place = _value(ahead, "--app-dir") or _value(ahead, "--chdir") or ""
            factory = bool(served[3]) or "--factory" in ahead
            inside = str(PurePath(folder, place))
            yield Command(f"{served[1]}:{served[2]}", where, rank, inside, factory, name, tuple(lines.own(ahead)))
        elif name == "fastapi" and ahead[:1] in (["run"], ["dev"]):
            target = _of_fastapi(project, ahead[1:], folder)
            if target is not None:
                yield Command(target, where, rank, folder)


def _value(words: list[str], option: str) -> str | None:
    for at, word in enumerate(words):
        if word == option:
            return words[at + 1] if at + 1 < len(words) else None
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None


def _of_fastapi(project: Project, words: list[str], folder: str) -> str | None:
    """The file that `fastapi run` serves: the one named, else the first where it looks."""
    named = [each for each in words if each.endswith(".py")][:1]
    candidates = [*named, *(() if named else FASTAPI_LOOKS_FOR)]
    places = [PurePath(place, each) for each in candidates for place in dict.fromkeys((folder, "."))]
    return next((str(each) for each in places if project.has(each)), None)
