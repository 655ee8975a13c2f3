"""The coverage configuration that a run derives from the project's own, as TOML. Driver, test process.

The project's settings say what counts, and are kept. How a live server is measured is a list of its own, in
afterawait/coverage_choices.py.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from afterawait import coverage_settings, protocol
from afterawait.coverage_choices import DEFAULTS, KEPT, OURS, PATTERNS, UNUSED, WARNINGS, Setting
from afterawait.coverage_settings import OwnSettings
from afterawait.settings import Settings

HEAD = """\
# How coverage.py measured this run. Written anew by each run: change [tool.afterawait] in pyproject.toml instead{file}.
"""


def overridden(settings: Settings, own: OwnSettings) -> list[str]:
    """The names of those of the project's settings that do not hold in a run, as people write them."""
    ours = {each.option: each.value for each in OURS} | {
        "run:concurrency": ["greenlet", "thread"],
        "run:core": "ctrace",
        "run:dynamic_context": "none",
        "run:timid": False,
        "report:fail_under": settings.fail_under,
    }
    found = [
        option
        for option in [*(each.option for each in OURS), *UNUSED]
        if option in own.values and _unordered(own.values[option]) != _unordered(ours.get(option))
    ]
    sources = coverage_settings.places(settings.root, settings.path, own.values)
    if own.sources and set(sources) != set(settings.source):
        found.insert(0, "run:source")
    return [each.removeprefix("run:").removeprefix("report:").replace(":", " ") for each in found]


def toml(settings: Settings, own: OwnSettings, folder: Path, measured: Iterable[str] = ()) -> str:
    """The configuration of the run in `folder`. `measured` are the roots of other checkouts to be combined."""
    file = f", or {own.file}" if own.file else ""
    sections: dict[str, list[str]] = {}
    for each in [*_ours(settings, folder, own), *_of_project(settings, own)]:
        section, _, name = each.option.partition(":")
        comment = [f"# {line}" for line in each.why.splitlines()]
        sections.setdefault(section, []).extend([*comment, f"{name} = {literal(each.value)}"])
    sections["paths"] = list(_paths(settings.root, own.paths, measured))
    parts = [f"[tool.coverage.{section}]\n" + "\n".join(lines) for section, lines in sections.items()]
    for plugin, options in own.tracers.items():
        if options:
            name = ".".join(json.dumps(each) for each in plugin.split("."))
            lines = [f"{json.dumps(key)} = {literal(value)}" for key, value in options.items()]
            parts.append(f"[tool.coverage.{name}]\n" + "\n".join(lines))
    return "\n\n".join([HEAD.format(file=file).rstrip(), *parts]) + "\n"


def _ours(settings: Settings, folder: Path, own: OwnSettings) -> Iterator[Setting]:
    yield _measured(settings, own)
    yield from OURS
    branch = False if own.values.get("run:branch") is False else protocol.LIVE["branch"]
    yield Setting("run:branch", branch)
    yield Setting("run:data_file", verbatim(str(folder / protocol.DATA_FILE)))
    yield Setting(
        "run:disable_warnings",
        list(dict.fromkeys([*WARNINGS, *own.values.get("run:disable_warnings", ())])),
        "No process imports everything: what one of them did not import says nothing.",
    )
    yield Setting("report:fail_under", settings.fail_under, "The gate of [tool.afterawait]; 0: nothing gates.")
    yield Setting("html:directory", verbatim(str(folder / "htmlcov")))
    for kind in ("xml", "json", "lcov"):
        yield Setting(f"{kind}:output", verbatim(str(folder / f"coverage.{kind}")))


def _of_project(settings: Settings, own: OwnSettings) -> Iterator[Setting]:
    """What counts, and how it is shown: as the project says, else as our defaults do."""
    for each in DEFAULTS:
        if each.option in own.values:
            yield Setting(each.option, own.values[each.option], f"Of {own.file}.")
        else:
            yield each
    for option in KEPT:
        if option in own.values:
            value = own.values[option]
            if option == "html:extra_css" and value:
                value = str(settings.root / value)
            yield Setting(option, verbatim(value), f"Of {own.file}.")
    patterns = {each: own.values[each] for each in PATTERNS if own.values.get(each)}
    patterns.pop("run:include", None)  # see _measured
    for option in [each for each in patterns if each != "report:omit"]:
        yield Setting(option, verbatim(_absolute(settings.root, patterns[option])), f"Of {own.file}.")
    omitted = _absolute(settings.root, patterns.get("report:omit", ()))
    yield Setting(
        "report:omit",
        verbatim([*omitted, protocol.CANARY]),
        "The canary is measured in every process, under the name of a file that does not exist.",
    )
    if own.tracers:
        yield Setting("run:plugins", list(own.tracers), f"Of {own.file}, those that measure; the others have done all.")


def _measured(settings: Settings, own: OwnSettings) -> Setting:
    """What is measured: coverage.py's sources are folders, never single files; where there are any, `include` is not
    looked at.
    """
    included = own.values.get("run:include")
    if included and not own.sources:
        return Setting("run:include", verbatim(_absolute(settings.root, included)), f"Of {own.file}.")
    places = settings.places
    if all(each.is_dir() for each in places):
        return Setting("run:source_dirs", verbatim([str(each) for each in places]))
    # The canary's measured half has a name below the first of them, below a file's name too.
    names = [f"{pattern(str(each))}{end}" for each in places for end in ([""] if each.is_file() else []) + ["/*"]]
    return Setting("run:include", verbatim(names))


def _paths(root: Path, own: Mapping[str, list[str]], measured: Iterable[str]) -> Iterator[str]:
    for name, (result, *patterns) in own.items():
        places = [str(root / result), *(each if _anywhere(each) else _below(root, each) for each in patterns)]
        yield f"{json.dumps(name, ensure_ascii=False)} = {literal(verbatim(places))}"
    yield "# A shard that was measured in another folder, or on another machine, is combined into this one."
    elsewhere = sorted(set(measured) - {str(root)})
    yield f"afterawait = {literal(verbatim([str(root), *map(pattern, elsewhere)]))}"


def _anywhere(glob: str) -> bool:
    """Whether one of [paths] means the same in every folder."""
    from coverage.files import isabs_anywhere

    return glob.startswith("*") or isabs_anywhere(f"{glob}/")


def _absolute(root: Path, patterns: Iterable[str]) -> list[str]:
    """Patterns of file names that mean in every folder what they mean at the root."""
    # With a beginning of its own, or without a slash, one is matched anywhere.
    return [p if p.startswith(("*", "?")) or not re.search(r"[\\/]", p) else _below(root, p) for p in patterns]


def _below(root: Path, glob: str) -> str:
    """As coverage.py makes a pattern absolute, but that the root's own name is no pattern."""
    here = os.path.realpath(root)
    name = os.path.realpath(root / glob)
    inside = name == here or name.startswith(here + os.sep)
    return pattern(here) + name.removeprefix(here) if inside else name


def pattern(folder: str) -> str:
    """A folder's name as a pattern of coverage.py, in which some characters mean more than themselves."""
    return re.sub(r"[][*]", "?", folder)


def verbatim(value: Any) -> Any:
    """Texts in which coverage.py is not to replace $NAME by a variable: it has done so, or was never to."""
    if isinstance(value, list):
        return [verbatim(each) for each in value]
    return value.replace("$", "$$") if isinstance(value, str) else value


def literal(value: Any) -> str:
    """A value in TOML."""
    if isinstance(value, Mapping):
        inner = (f"{json.dumps(key)} = {literal(each)}" for key, each in value.items())
        return "{" + ", ".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(each) for each in value) + "]"
    if isinstance(value, str | bool | int | float):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value.isoformat())  # TOML's dates and times, of a plugin's section


def _unordered(value: Any) -> Any:
    return sorted(map(str, value)) if isinstance(value, list) else value
