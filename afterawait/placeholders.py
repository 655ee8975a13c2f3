"""What stands in braces in the settings, and what a command names. Driver, test process."""

from __future__ import annotations

import difflib
import itertools
import os
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from afterawait import settings_table

PLACEHOLDER = re.compile(r"\{(db\.[^{}]*|services\.[^{}]*|port)\}")
PLACEHOLDERS = ("db.url", "db.host", "db.port", "db.name", "db.user", "db.password")
PORT = "port"
SERVICES = "services."
KNOWN = (*PLACEHOLDERS, PORT)

APPLICATION = re.compile(r"([A-Za-z_]\w*(?:\.\w+)*):[A-Za-z_][\w.]*(?:\(.*\))?")
"""As servers are told it: package.module:app, package.module:factory()."""


def check(root: Path, key: str, text: str, known: Sequence[str] = KNOWN) -> str:
    """The text, the value of `key`. Raises EnvironmentFault where it has placeholders that nothing is known for."""
    if unknown := sorted({each for each in PLACEHOLDER.findall(text) if each not in known}):
        named = ", ".join(f"{{{each}}}" for each in unknown)
        message = f"[tool.afterawait].{key.partition('.')[0]} has unknown placeholders: {named}."
        near = difflib.get_close_matches(unknown[0], known, n=1) if unknown[0].startswith(SERVICES) else []
        meant = "".join(f"Did you mean {{{each}}}? " for each in near)
        hint = f"{meant}Use only {', '.join(f'{{{each}}}' for each in known)}."
        if unknown[0].startswith(SERVICES):
            hint += " A service has a port where {port} stands in its command or its env, or where `ready` is a port."
        raise settings_table.fault(root, key, message, hint=hint)
    return text


def named_by(command: str, root: Path, path: Sequence[str]) -> str:
    """The module that a server's command names: of an application, a file, or behind `-m`; "" where it names none."""
    words = shlex.split(command)
    for each in words:
        if found := APPLICATION.fullmatch(each):
            return found[1]
    for each in words:
        if each.endswith(".py") and (root / each).is_file():
            return _dotted(each, path)
    after = [after for option, after in itertools.pairwise(words) if option == "-m"]
    return after[0] if after else ""


def _dotted(name: str, path: Sequence[str]) -> str:
    """The module in the file `name`, by the innermost of the import roots `path` that it is in."""
    file = Path(os.path.normpath(name))
    roots = [Path(os.path.normpath(each)) for each in path]
    inside = [file.relative_to(each) for each in roots if file.is_relative_to(each)]
    return ".".join(min(inside, key=lambda each: len(each.parts), default=file).with_suffix("").parts)
