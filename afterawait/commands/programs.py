"""What kind of Python program a command is, by its words, and what it runs or serves. Driver process."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePath

SERVERS = ("uvicorn", "fastapi", "gunicorn", "hypercorn", "granian", "flask", "daphne")
WORKERS = ("celery", "arq", "taskiq", "dramatiq", "rq", "huey_consumer", "opentelemetry-instrument")
RUNNERS = ("uv", "poetry", "pdm", "hatch", "pipenv", "rye")
PYTHON = re.compile(r"python[\d.]*(\.exe)?")
APPLICATION = re.compile(r"(?:\$\{\w+:-)?([A-Za-z_][\w.]*):([A-Za-z_][\w.]*)(\(\))?\}?")
"""As servers are told it, "shop.main:app" or "shop.main:create()"; a shell's default of a variable too."""


def program(words: list[str], scripts: Mapping[str, str]) -> tuple[str, str]:
    """What kind of Python program a command is, and which module or file it runs; "" where it is none."""
    words = [each for each in words if each]
    while words and ("=" in words[0] or words[0] in {"env", "exec", "nohup", "time", "sudo"}):
        words = words[1:]
    if words and PurePath(words[0]).name in RUNNERS and "run" in words[:3]:
        words = words[words.index("run") + 1 :]
        while words and words[0].startswith("-"):
            words = words[1:]
    if not words:
        return "", ""
    name = PurePath(words[0]).name
    if PYTHON.fullmatch(name):
        return _of_python(words[1:])
    if name == "coverage":
        return "coverage", ""
    if name in SERVERS or name in WORKERS:
        return name, _application(words[1:])
    if name in scripts:
        return "module", scripts[name].partition(":")[0]
    return "", ""


def _of_python(words: list[str]) -> tuple[str, str]:
    while words and words[0].startswith("-") and words[0] not in {"-m", "-c"}:
        words = words[2:] if words[0] in {"-X", "-W"} else words[1:]
    if not words:
        return "", ""
    if words[0] == "-m" and len(words) > 1:
        name = words[1].partition(".")[0]
        if name == "coverage":
            return "coverage", ""
        return (name, _application(words[2:])) if name in SERVERS + WORKERS else ("module", words[1])
    if words[0] == "-c":
        return "code", words[1] if len(words) > 1 else ""
    return "file", words[0]


def of_code(code: str) -> str:
    """The command that runs this code by Python; quotation marks in it do no harm."""
    escaped = code.replace("\\", "\\\\").replace('"', '\\"')
    return f'python -c "{escaped}"'


def application(words: Iterable[str]) -> re.Match[str] | None:
    """The application that is named in the words of one server's command."""
    return next((found for each in words if (found := APPLICATION.fullmatch(each))), None)


def _application(words: list[str]) -> str:
    """The module or file that a server is told to serve: "shop.main" of `shop.main:app`."""
    found = application(words)
    return found[1] if found else next((each for each in words if each.endswith(".py")), "")
