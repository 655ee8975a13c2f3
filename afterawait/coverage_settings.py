"""The project's own coverage settings, found and read by coverage.py's own classes. Driver, test process.

`${...}` variables, the types of TOML and plugins that configure are coverage.py's to understand. Nothing is chosen
here: afterawait/coverage_config.py says which of these settings hold in a run.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterawait.faults import EnvironmentFault, Fault

if TYPE_CHECKING:
    from coverage.config import CoverageConfig

UNSET = ()
"""What an option holds that no file has set: coverage.py reads texts, numbers and lists, and never this."""

FIX = "Fix it there: `coverage report` would stop at it as well."


@dataclass(frozen=True)
class OwnSettings:
    """`file` is the file's name below the root, "" where the project has no coverage settings.

    `values` are its options by "section:name", with what plugins set; an option that nobody set is not among them.
    `written` are the options that the file itself sets. `tracers` are the plugins that measure, not only configure.
    """

    file: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    written: frozenset[str] = frozenset()
    paths: Mapping[str, list[str]] = field(default_factory=dict)
    tracers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def sources(self) -> list[str]:
        """All that coverage.py's three settings of that kind name."""
        return [each for option in SOURCES for each in self.values.get(option) or ()]


SOURCES = ("run:source", "run:source_pkgs", "run:source_dirs")


def read(root: Path, import_roots: Iterable[Path]) -> OwnSettings:
    """The settings that coverage.py finds in `root`. Raises EnvironmentFault where it could not use them."""
    found = _find(root)
    if found is None:
        return OwnSettings()
    path, written, config, warnings = found
    with reading(path, path.name):
        config.post_process()
        before = _values(config)
        tracers = _configure(config, import_roots)
        after = _values(config)
    changed = {option for option, value in after.items() if value != before[option]}
    lists = {"report:exclude_also": "report:exclude_lines", "report:partial_also": "report:partial_branches"}
    joined = {lists[option] for option in written & lists.keys()}  # by coverage.py, when it had read all
    return OwnSettings(
        file=path.name,
        values={option: after[option] for option in sorted(written | changed | joined)},
        written=frozenset(written),
        paths=config.paths,
        tracers=tracers,
        warnings=tuple(warnings),
    )


def source(root: Path, path: Iterable[str]) -> list[str]:
    """The folders and modules below `root` that the project's own settings measure; none, if one lies elsewhere.

    `path` are the folders, as names below the root, that packages are imported from.
    """
    found = _find(root)
    return [] if found is None else places(root, path, _values(found[2]))


def places(root: Path, path: Iterable[str], values: Mapping[str, Any]) -> list[str]:
    """What these values of coverage.py's three settings name, in the same way."""
    found = [
        _place(root, [*path, os.curdir], each, folder=option == "run:source_dirs")
        for option in SOURCES
        for each in values.get(option) or ()
    ]
    return list(dict.fromkeys(found)) if all(found) else []


@contextmanager
def reading(path: Path, name: str) -> Iterator[None]:
    """Say of whatever coverage.py or a plugin raises where in the file at `path` it comes from."""
    from coverage.exceptions import CoverageException

    try:
        yield
    except Fault:
        raise
    except ImportError as error:
        message = f"{_at(path, name, str(error))} names a plugin of coverage.py that cannot be imported: {error}."
        raise EnvironmentFault(message, hint="Install it, or take it out of `plugins`.") from None
    except (CoverageException, OSError, UnicodeError) as error:
        text = " ".join(str(error).replace(str(path), name).split()).rstrip(".")
        raise EnvironmentFault(f"{_at(path, name, text)} cannot be used: {text}.", hint=FIX) from None
    except Exception as error:  # a plugin's own, whatever it is
        message = f"{name}: a plugin of coverage.py failed: {type(error).__name__}: {error}."
        raise EnvironmentFault(message, hint="Fix its settings, or take it out of `plugins`.") from None


def importable(roots: Iterable[Path]) -> None:
    """Let plugins be found that lie in the project itself; behind all else, so that they hide nothing."""
    sys.path += [str(each) for each in roots if str(each) not in sys.path]


def line_of(path: Path, text: str) -> int:
    """The one line of a file that holds `text`, 0 where there are none or several."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeError):
        return 0
    hits = [number for number, line in enumerate(lines, 1) if text and text in line and line.lstrip()[:1] not in "#;"]
    return hits[0] if len(hits) == 1 else 0


def _at(path: Path, name: str, error: str) -> str:
    """The file, and the line where the error tells or quotes it."""
    said = re.search(r"line:? +(\d+)", error)
    quoted = re.findall(r"(?<!\w)'([^']+)'", error.replace(str(path), "")) or error.split()[-1:]
    line = int(said[1]) if said else line_of(path, quoted[-1])
    return f"{name}:{line}" if line else name


def _find(root: Path) -> tuple[Path, set[str], CoverageConfig, list[str]] | None:
    """The file that coverage.py would take, the options that it sets, and these as read; warnings about them."""
    from coverage.config import CoverageConfig, config_files_to_try

    # A name with a folder is taken as given: COVERAGE_RCFILE in the shell says nothing about this project.
    for name, our_file, _ in config_files_to_try(f"{os.curdir}/.coveragerc"):
        path = root / os.path.normpath(name)
        warnings: list[str] = []
        with reading(path, path.name):
            config = CoverageConfig()
            if not config.from_file(str(path), warnings.append, our_file=our_file):
                continue
            probe = CoverageConfig()
            for attribute, *_ in CoverageConfig.CONFIG_FILE_OPTIONS:
                setattr(probe, attribute, UNSET)
            probe.from_file(str(path), lambda _: None, our_file=our_file)
            written = {option for option, value in _values(probe).items() if value != UNSET}
            return path, written, config, [each.replace(str(path), path.name) for each in warnings]
    return None


def _values(config: CoverageConfig) -> dict[str, Any]:
    found = {spec[1]: config.get_option(spec[1]) for spec in config.CONFIG_FILE_OPTIONS}
    return {option: list(value) if isinstance(value, list) else value for option, value in found.items()}


def _configure(config: CoverageConfig, import_roots: Iterable[Path]) -> dict[str, Mapping[str, Any]]:
    """Let the plugins configure; returns those that do more, with their options."""
    from coverage.plugin_support import Plugins

    if not config.plugins:
        return {}
    importable(import_roots)
    every = Plugins()
    tracing = {}
    for name in list(config.plugins):
        before = len(every.file_tracers)
        every.load_from_config([name], config)
        if len(every.file_tracers) > before:
            tracing[name] = config.get_plugin_options(name)
    for plugin in every.configurers:
        plugin.configure(config)
    return tracing


def _place(root: Path, path: list[str], entry: str, *, folder: bool) -> str:
    """What an entry of `source` names, from the root; "" where that is not below it."""
    if folder or (root / entry).is_dir():
        name = os.path.relpath(root / entry, root)
        return "" if name == os.curdir or name.startswith(os.pardir) else name
    module = entry.replace(".", os.sep)
    for each in path:
        name = os.path.relpath(root / each / module, root)
        if (root / name).is_dir():
            return name
        if (root / f"{name}.py").is_file():
            return f"{name}.py"
    return ""
