"""pyproject.toml with the settings in it, the rest byte for byte as it was; files written or shown. Driver process."""

from __future__ import annotations

import contextlib
import difflib
import os
import secrets
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT, Table

from afterawait import settings_table
from afterawait.faults import EnvironmentFault

NO_END = "\\ No newline at end of file"
LONGEST = 100  # characters of a list on one line


def with_table(text: str, values: Mapping[str, Any], made_up: Iterable[str]) -> str:
    """The text of pyproject.toml with a table of these values behind all else.

    Raises EnvironmentFault where it cannot be there.
    """
    written = tomlkit.document()
    tools = tomlkit.table(is_super_table=True)
    tools["afterawait"] = table(values, list(made_up))
    written["tool"] = tools
    added = tomlkit.dumps(written)
    newline = "\r\n" if "\r\n" in text else "\n"
    before = text if not text or text.endswith("\n") else text + newline
    whole = before + (newline if before.strip() else "") + added.replace("\n", newline)
    try:
        tomllib.loads(whole)
    except tomllib.TOMLDecodeError:
        message = "pyproject.toml has `tool` in a form that no table can be added to, in braces perhaps."
        raise EnvironmentFault(message, hint="Write its tables with headers of their own: [tool.NAME].") from None
    return whole


def table(values: Mapping[str, Any], made_up: list[str]) -> Table:
    """The values as a table, in their order. Those in `env` that are `made_up` stand behind a comment that says so."""
    written = tomlkit.table()
    for key, value in values.items():
        if not settings_table.KEYS[key].accepts(value):
            raise AssertionError(f"{key} = {value!r} would be refused")
        if key == "env":
            written.append(key, _env(value, made_up))
        elif key == "services":
            written.append(key, _tables(value))
        elif isinstance(value, list):
            array = tomlkit.array().multiline(len(str(value)) > LONGEST)
            array.extend(value)
            written.append(key, array)
        else:
            written.append(key, value)
    return written


def _tables(values: Iterable[Mapping[str, Any]]) -> AoT:
    tables = tomlkit.aot()
    for each in values:
        one = tomlkit.table()
        one.update(each)
        tables.append(one)
    return tables


def _env(values: Mapping[str, str], made_up: list[str]) -> Table:
    env = tomlkit.table()
    for name, value in values.items():
        if name not in made_up:
            env.append(name, value)
    if made_up:
        env.add(tomlkit.comment("For tests, and known to everybody: put nothing real here."))
    for name in made_up:
        env.append(name, values[name])
    return env


def diff(root: Path, texts: Mapping[Path, str]) -> str:
    """What would change, as `diff -u` shows it."""
    lines: list[str] = []
    for path, text in texts.items():
        name = os.path.relpath(path, root)
        old = read(path).splitlines(keepends=True)
        before = f"a/{name}" if path.exists() else os.devnull
        lines += difflib.unified_diff(old, text.splitlines(keepends=True), before, f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n{NO_END}\n" for line in lines)


def read(path: Path) -> str:
    """A file's text with the line ends that it has, "" where there is no file. Raises EnvironmentFault."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise EnvironmentFault(f"{path} cannot be read: {error.strerror}.", hint="Make it readable.") from None


def write(texts: Mapping[Path, str]) -> None:
    """Write all files, or none. Raises EnvironmentFault where one cannot be written."""
    drafts: dict[Path, Path] = {}
    made: list[Path] = []
    path = Path()
    try:
        for path, text in texts.items():
            made += _make_folder(path.parent)
            target = path.resolve()  # a link stays one
            draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
            drafts[draft] = target
            draft.write_bytes(text.encode("utf-8"))
            if target.exists():
                draft.chmod(target.stat().st_mode & 0o7777)
        for draft, path in drafts.items():
            draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # nothing can be changed here at all
            for draft in drafts:
                draft.unlink(missing_ok=True)
        for folder in reversed(made):
            with contextlib.suppress(OSError):  # something is in it by now
                folder.rmdir()
        message = f"{path} cannot be written: {error.strerror}. Nothing was changed."
        hint = "Make the folder writable, or see with --dry-run what would be written."
        raise EnvironmentFault(message, hint=hint) from None


def _make_folder(folder: Path) -> list[Path]:
    """Make a folder and those above it; returns the ones that were not there."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()][::-1]
    for each in missing:
        each.mkdir()
    return missing
