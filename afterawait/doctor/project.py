"""All that the checks know of a project: its Python's answer, its settings, its code, its commands. Driver process."""

from __future__ import annotations

import configparser
import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from afterawait.doctor import config_file, files, shell, starts
from afterawait.doctor.config_file import ConfigFile
from afterawait.doctor.environment import Answer, Python
from afterawait.doctor.files import Text
from afterawait.doctor.source_code import Module, Place, Source
from afterawait.doctor.starts import Start

C_TRACER, PYTHON_TRACER, MONITOR = "CTracer", "PyTracer", "SysMonitor"


@dataclass(frozen=True)
class HowTested:
    """What is written of the tests: pytest's options, commands, the tool's own table.

    `own_settings_measure` is false where only `afterawait run` measures, by settings that each run makes for itself.
    """

    texts: list[Text]
    addopts: list[str]
    afterawait: bool
    rcfile: str | None

    @property
    def pytest_cov(self) -> bool:
        """Whether pytest-cov measures: it makes a data file a process, and combines."""
        words = self.addopts
        return any(each == "--cov" or each.startswith("--cov=") for each in words) or any(self.says("--cov"))

    @property
    def own_settings_measure(self) -> bool:
        """Whether anything but a run of ours measures with the project's own settings."""
        return not self.afterawait or self.rcfile is not None or self.pytest_cov or any(self.says("coverage run"))

    @property
    def branch(self) -> bool:
        """Whether pytest's options, or a command's, have branches measured."""
        return (
            "--cov-branch" in self.addopts
            or any(self.says("--cov-branch"))
            or any(self.says("coverage run", "--branch"))
        )

    def values(self, option: str) -> list[str]:
        """Of an option, in pytest's own list or else in commands, in either form."""
        words = [self.addopts, *(_split(place.what) for place in self.says(option))]
        found = [each.partition("=")[2] for line in words for each in line if each.startswith(f"{option}=")]
        pairs = [pair for line in words for pair in pairwise(line)]
        return [*found, *(value for name, value in pairs if name == option and not value.startswith("-"))]

    def configuration(self, root: Path) -> str | None:
        """The file that an option names as coverage.py's configuration."""
        named = [*self.values("--cov-config"), *self.values("--rcfile")]
        return next((each for each in named if (root / each).is_file()), None)

    def says(self, *words: str) -> Iterator[Place]:
        """Where all words stand in one line of these files."""
        for text in self.texts:
            for number, line in text.lines_with(*words):
                yield Place(text.name, number, line.strip())


@dataclass(frozen=True)
class Project:
    """One project, seen."""

    root: Path
    python: Python
    answer: Answer
    config: ConfigFile
    tested: HowTested
    source: Source
    packages: list[str]
    found_starts: list[tuple[Module, Start]]
    notes: list[str] = field(default_factory=list)

    def option(self, name: str) -> Any:
        """One of the [run] options in force."""
        return self.answer.option(name)

    def options(self, name: str) -> list[str]:
        """One that is a list."""
        return [str(each) for each in self.option(name) or ()]

    @property
    def version(self) -> tuple[int, ...]:
        """coverage.py's."""
        return tuple(self.answer.coverage or ())

    @property
    def tracer(self) -> str:
        """The class that traces: coverage.py's own name of it."""
        return str(self.answer.tracer or "")

    @property
    def concurrency(self) -> list[str]:
        """What is in force: coverage.py's default is `thread`."""
        return self.options("concurrency") or ["thread"]

    @property
    def sources(self) -> list[str]:
        """All that says what is measured."""
        named = [each for name in ("source", "source_dirs", "source_pkgs") for each in self.options(name)]
        return [*named, *(each for each in self.tested.values("--cov") if each)]

    def is_measured(self, module: Module) -> bool:
        """Whether coverage.py measures a module, as far as its place says."""
        if files.is_aside(module.path, self.root):
            return False
        folders = [each for name in self.sources for each in self.places(name)]
        if not folders:
            return not module.test
        return any(module.path.is_relative_to(each) for each in folders)

    def use(self, kind: str) -> Place | None:
        """Where the measured code, or else a test, uses something; None where neither does."""
        counted = [
            each for each in self.source.modules if kind in each.uses and not files.is_aside(each.path, self.root)
        ]
        measured = [each for each in counted if self.is_measured(each)]
        chosen = measured or [each for each in counted if each.test]
        return chosen[0].uses[kind] if chosen else None

    def measured_use(self, kind: str) -> Place | None:
        """Where the measured code uses something."""
        return next((m.uses[kind] for m in self.source.modules if kind in m.uses and self.is_measured(m)), None)

    @property
    def is_async(self) -> bool:
        """Whether the measured code has coroutines."""
        return any(each.is_async and self.is_measured(each) for each in self.source.modules)

    def starts(self) -> list[Start]:
        """What tests, and the measured code, start of the measured code."""
        counted = [one for module, one in self.found_starts if module.test or self.is_measured(module)]
        return [each for each in counted if self._is_ours(each)]

    def scripts(self) -> list[tuple[Start, bool]]:
        """Servers that scripts and the like start, and whether coverage.py is asked to measure them."""
        return [one for text in self.tested.texts for one in shell.starts_in(text) if self._is_ours(one[0])]

    def lost(self, part: str) -> list[int]:
        """The lines of a part of the canary that ran and were not recorded."""
        ran = (self.answer.ran or {}).get(part, ())
        return sorted(set(ran) - set(self.answer.recorded or ()))

    def ran(self, part: str) -> list[int]:
        """The lines of a part of the canary that ran; none where it could not be run or measured here."""
        return list((self.answer.ran or {}).get(part, ())) if self.answer.recorded else []

    def _is_ours(self, start: Start) -> bool:
        if start.kind == "process":
            return True
        if start.kind == "coverage":
            return False  # measures itself
        known = [*self.sources, *self.packages]
        if start.kind == "code":
            return any(f"import {name}" in start.target or f"from {name}" in start.target for name in _tops(known))
        if start.kind == "file":
            return start.target.endswith(".py") and starts.below(start.target, known)
        if start.kind == "module":
            return starts.below(start.target, known) and self._has(start.target)
        return not start.target or starts.below(start.target, known) or not known

    def _has(self, module: str) -> bool:
        """Whether the project has a module of that name that can be run: a folder called alembic does not make one."""
        inner = "/".join(module.split("."))
        ends = (f"{inner}.py", f"{inner}/__main__.py")
        return any(f"/{each.name}".endswith(tuple(f"/{end}" for end in ends)) for each in self.source.modules)

    def places(self, name: str) -> list[Path]:
        """The folders that a name in the settings may mean: as it stands, or a package's, wherever it lies."""
        parts = tuple(name.split("."))
        found = [self.root / name, self.root / "src" / name, Path(self.root, *parts), Path(self.root, "src", *parts)]
        found = [each for each in found if files.is_folder(each)]
        if not found:
            folders = {each.path.parent for each in self.source.modules if not each.test}
            found = [each for each in sorted(folders) if each.parts[-len(parts) :] == parts]
        return list(dict.fromkeys(Path(os.path.normpath(each)) for each in found))


def _tops(names: list[str]) -> set[str]:
    return {Path(each).name for each in names} | {each.partition(".")[0] for each in names}


def starts_of(root: Path, source: Source) -> list[tuple[Module, Start]]:
    """All that modules start, each with its module."""
    table = config_file.toml(root / "pyproject.toml").get("project", {})
    scripts = table.get("scripts", {}) if isinstance(table, dict) else {}
    return [(module, one) for module in source.modules for one in starts.of(module, scripts)]


def how_tested(root: Path, named: str | None, environ: Mapping[str, str] = os.environ) -> HowTested:
    """What the project's files say of its tests. `named` is the configuration that the command line names."""
    texts = files.texts(root)
    table = config_file.toml(root / "pyproject.toml").get("tool", {})
    ours = table.get("afterawait") if isinstance(table, dict) else None
    ours = ours if isinstance(ours, dict) else None
    addopts = _addopts(root, table if isinstance(table, dict) else {}, environ)
    tested = HowTested(texts, addopts, ours is not None, None)
    rcfile = named or (ours or {}).get("coverage_config") or tested.configuration(root)
    return HowTested(texts, addopts, ours is not None, str(rcfile) if rcfile else None)


def _addopts(root: Path, table: Mapping[str, Any], environ: Mapping[str, str]) -> list[str]:
    """What pytest takes before its command line."""
    pytest = table.get("pytest")
    pytest = pytest if isinstance(pytest, dict) else {}
    found: Any = None
    for name, section in (("pytest.ini", "pytest"), (".pytest.ini", "pytest")):
        found = found or _ini(root / name, section)
    found = found or pytest.get("addopts") or (pytest.get("ini_options") or {}).get("addopts")
    for name, section in (("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        found = found or _ini(root / name, section)
    words = [str(each) for each in found] if isinstance(found, list) else _split(str(found or ""))
    return words + _split(environ.get("PYTEST_ADDOPTS", ""))


def _ini(path: Path, section: str) -> str:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(files.read(path))
        return parser.get(section, "addopts", fallback="")
    except configparser.Error:
        return ""


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
