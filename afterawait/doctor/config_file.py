"""The coverage configuration as its text: where an option stands, and the lines to write in its place. Driver process.

What an option means is coverage.py's to say; here it is only found. The rest of the text stays as it is.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from afterawait.doctor import files

Value = str | bool | list[str]
_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:[#;].*)?$")


@dataclass(frozen=True)
class Edit:
    """Lines `first` to `last` of the file give way to `text`; with `last` < `first` it goes before line `first`."""

    option: str
    first: int
    last: int
    text: str
    header: str
    """The section, as it is written; it is to be added with the text where `first` is 0."""


@dataclass(frozen=True)
class ConfigFile:
    """`name` is what people know it by; `text` is "" where there is none yet."""

    name: str
    text: str = ""

    @property
    def is_toml(self) -> bool:
        """INI otherwise."""
        return self.name.endswith(".toml")

    @property
    def lines(self) -> list[str]:
        """Of the text."""
        return self.text.splitlines()

    def header(self, section: str) -> str:
        """How a section of coverage.py's is written in this file."""
        prefixes = _prefixes(self.name)
        written = [each for each in prefixes if self._start(f"{each}{section}") is not None]
        known = [each for each in prefixes if any(self._start(f"{each}{one}") is not None for one in SECTIONS)]
        return f"{(written or known or prefixes)[0]}{section}"

    def section(self, section: str) -> tuple[int, int] | None:
        """The first and last line of a section, its header included and empty lines at its end left out."""
        start = self._start(self.header(section))
        if start is None:
            return None
        return start, self._last(start)

    def place(self, section: str, key: str) -> tuple[int, int] | None:
        """The lines in which an option is set."""
        found = self.section(section)
        if found is None:
            return None
        wanted = re.compile(rf"[\"']?{re.escape(key)}[\"']?\s*[=:]")
        lines = self.lines
        for number in range(found[0] + 1, found[1] + 1):
            if wanted.match(lines[number - 1].lstrip() if self.is_toml else lines[number - 1]):
                return number, self._end(number, found[1])
        return None

    def edits(self, changes: Mapping[str, Value | None]) -> list[Edit]:
        """What makes each option ("run:core") what it is to be; None takes it out."""
        moved = self._moved(changes)
        return moved or [each for option, value in changes.items() if (each := self._edit(option, value))]

    def _edit(self, option: str, value: Value | None) -> Edit | None:
        section, _, key = option.partition(":")
        place, held = self.place(section, key), self.section(section)
        text = "" if value is None else self.written(key, value)
        header = f"[{self.header(section)}]"
        if place is not None:
            return Edit(option, *place, text, header)
        if value is None:
            return None
        if held is not None:
            return Edit(option, held[1] + 1, held[1], text, header)
        return Edit(option, 0, 0, text, header)

    def _moved(self, changes: Mapping[str, Value | None]) -> list[Edit]:
        """The edits where `run` is written within its parent, as a table in a line or by dotted names: a section of
        its own takes its place, with all that it holds.
        """
        parent = self.header("run").rpartition(".")[0]
        start = self._start(parent) if self.is_toml and parent and self.section("run") is None else None
        if start is None or not changes:
            return []
        last = self._last(start)
        written = re.compile(r"\s*[\"']?run[\"']?\s*[.=]")
        numbers = [each for each in range(start + 1, last + 1) if written.match(self.lines[each - 1])]
        found = [Edit("run", each, self._end(each, last), "", f"[{parent}]") for each in numbers]
        if not found:
            return []
        held = _run_table(self.text)
        values = {f"run:{key}": value for key, value in held.items()} | dict(changes)
        header = f"[{self.header('run')}]"
        kept = {option: value for option, value in values.items() if value is not None}
        return found + [Edit(option, 0, 0, self.written(option[4:], value), header) for option, value in kept.items()]

    def edited(self, edits: Sequence[Edit]) -> str:
        """The whole text with the edits made."""
        lines = self.lines
        for each in sorted((one for one in reversed(edits) if one.first), key=lambda one: -one.first):  # upwards
            lines[each.first - 1 : each.last] = each.text.splitlines()
        added: dict[str, list[str]] = {}
        for each in edits:
            if not each.first:
                added.setdefault(each.header, []).extend(each.text.splitlines())
        for header, texts in added.items():
            lines += [*([""] if lines else []), header, *texts]
        return "\n".join(lines) + "\n"

    def table(self, edits: Sequence[Edit]) -> str:
        """The sections of coverage.py's that say how it measures, complete, with the edits made."""
        after = ConfigFile(self.name, self.edited(edits))
        parts = []
        for section in SECTIONS:
            found = after.section(section)
            if found is not None:
                parts.append("\n".join(after.lines[found[0] - 1 : found[1]]))
        return "\n\n".join(parts)

    def written(self, key: str, value: Value) -> str:
        """An option with its value."""
        if self.is_toml:
            return f"{key} = {json.dumps(value, ensure_ascii=False)}"
        if isinstance(value, bool):
            return f"{key} = {str(value).lower()}"
        if isinstance(value, str):
            return f"{key} = {value}"
        if key in ONE_LINE:
            return f"{key} = {', '.join(value)}"
        return "\n".join([f"{key} =", *(f"    {each}" for each in value)])

    def _start(self, header: str) -> int | None:
        wanted = header.replace(" ", "")
        for number, line in enumerate(self.lines, 1):
            match = self._match(line)
            if match and re.sub(r"[\s\"']", "", match[1]) == wanted:
                return number
        return None

    def _last(self, start: int) -> int:
        """The last line of the section whose header is in line `start`."""
        lines = self.lines
        end = start
        for number in range(start + 1, len(lines) + 1):
            if self._match(lines[number - 1]) and not (self.is_toml and self._inside(start, number)):
                break
            if lines[number - 1].strip():
                end = number
        while end > start and lines[end - 1].lstrip()[:1] in "#;" and end < len(lines):
            end -= 1  # comments that belong to the next section
        return max(end, start)

    def _match(self, line: str) -> re.Match[str] | None:
        """A header; in INI files one that is indented is a line of a list."""
        return None if line[:1].isspace() and not self.is_toml else _HEADER.match(line)

    def _inside(self, start: int, number: int) -> bool:
        """Whether a line that looks like a header is in a list of several lines, or a text."""
        try:
            tomllib.loads("\n".join(self.lines[start - 1 : number - 1]))
        except tomllib.TOMLDecodeError:
            return True
        return False

    def _end(self, first: int, last: int) -> int:
        lines = self.lines
        if self.is_toml:
            for end in range(first, last + 1):
                try:
                    tomllib.loads("\n".join(lines[first - 1 : end]))
                except tomllib.TOMLDecodeError:
                    continue
                return end
            return first
        end = first
        for number in range(first + 1, last + 1):
            if lines[number - 1].strip() and not lines[number - 1][0].isspace():
                break
            if lines[number - 1].strip():
                end = number
        return end


SECTIONS = ("run", "paths")
ONE_LINE = ("concurrency", "patch", "plugins")


def _prefixes(name: str) -> tuple[str, ...]:
    if name.endswith(".toml"):
        return ("tool.coverage.", "") if not name.endswith("pyproject.toml") else ("tool.coverage.",)
    return ("coverage:",) if Path(name).name in {"setup.cfg", "tox.ini"} else ("", "coverage:")


def of(root: Path, path: str) -> ConfigFile:
    """The file that coverage.py reads; where it reads none, the one to write in: pyproject.toml, there or not."""
    if path:
        found = Path(path)
        name = str(found.relative_to(root)) if found.is_relative_to(root) else str(found)
        return ConfigFile(name, files.read(found))
    return ConfigFile("pyproject.toml", files.read(root / "pyproject.toml"))


def _run_table(text: str) -> dict[str, Any]:
    table = tomllib.loads(text)
    table = table.get("tool", {}).get("coverage", table)
    return dict(table.get("run", {}))


def toml(path: Path) -> dict[str, Any]:
    """A TOML file's values; none where it is absent or broken."""
    try:
        return tomllib.loads(files.read(path))
    except tomllib.TOMLDecodeError:
        return {}
