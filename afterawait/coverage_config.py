"""How coverage.py is configured in a run: by the project's own file, or by one made for the run. Driver, test process.

Made for the run, the file lies in its folder, and so does all that coverage.py writes: `.coverage` and `htmlcov/` at
the project's root are not this tool's.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from afterawait import protocol
from afterawait.faults import EnvironmentFault
from afterawait.settings import Settings

if TYPE_CHECKING:
    import coverage

PRECISION = 2

TEMPLATE = """\
# How coverage.py measured this run. Written anew by each run: change [tool.afterawait] in pyproject.toml instead.

[tool.coverage.run]
{measured}
# Async SQLAlchemy runs in greenlets, `def` endpoints in threads: with one of the two alone, lines that ran are
# reported as missed. (The variables here are set by --fast alone: sys.monitoring, lines without branches.)
concurrency = ["${{{concurrency}-greenlet}}", "thread"]
# The tracer that loses nothing with branches on every Python from 3.12.
core = "${{{core}-ctrace}}"
branch = "${{{branch}-true}}"
# A file a process: server, workers, setup command and test runner end at different times.
parallel = true
data_file = {data_file}
# A process that SIGTERM ends saves first: the setup command, whatever the application starts.
sigterm = true
# No process imports everything: what one of them did not import says nothing.
disable_warnings = ["module-not-imported", "no-data-collected"]

[tool.coverage.paths]
# A shard that was measured in another folder, or on another machine, is combined into this one.
project = {paths}

[tool.coverage.report]
# The gate of [tool.afterawait]; 0: nothing gates.
fail_under = {fail_under}
precision = {precision}
show_missing = true
skip_covered = true
skip_empty = true
# A file that nothing imported counts, whether its folder has an __init__.py or not.
include_namespace_packages = true

[tool.coverage.html]
directory = {html}
# Here, where one looks for a file, every file is shown; and beside each line, the tests that ran it.
skip_covered = false
show_contexts = true

[tool.coverage.xml]
output = {xml}

[tool.coverage.json]
output = {json}

[tool.coverage.lcov]
output = {lcov}
"""


@dataclass(frozen=True)
class CoverageConfig:
    """The configuration that runs are combined and reported with; `name` is what people know it by.

    `made` says that it is a run's own, not a file of the project.
    """

    file: Path
    name: str
    root: Path
    made: bool = False

    def coverage(self, data_file: Path | None = None) -> coverage.Coverage:
        """A Coverage for reports, never in a measured process: it would no longer save. Raises CoverageException."""
        import coverage

        for name in protocol.COVERAGE_VARIABLES:
            os.environ.pop(name, None)
        if data_file is None:
            return coverage.Coverage(config_file=str(self.file), messages=False)
        return coverage.Coverage(config_file=str(self.file), data_file=str(data_file), messages=False)

    def data_file(self) -> Path:
        """Where the combined data go."""
        return self.root / _text(self.coverage(), "run:data_file")

    def reports(self) -> list[str]:
        """The names of the reports from the project's root, the page of the HTML one first."""
        cov = self.coverage()
        page = Path(_text(cov, "html:directory"), "index.html")
        names = [page, *(Path(_text(cov, f"{kind}:output")) for kind in ("xml", "json", "lcov"))]
        return [_below(self.root, self.root / each) for each in names]


def check(settings: Settings) -> None:
    """Raise EnvironmentFault where the file that the project names cannot measure a run; before anything starts."""
    from coverage.exceptions import CoverageException

    if settings.coverage_config is None:
        return
    named = of_reports(settings, settings.state)
    try:
        cov = named.coverage()
    except CoverageException as error:
        message = f"{named.name}, which [tool.afterawait].coverage_config names, cannot be used: {error}."
        raise EnvironmentFault(
            message, hint="Fix it, or leave coverage_config out: a run then makes its own."
        ) from None
    if not cov.get_option("run:parallel"):
        message = f"{named.name} lacks `parallel = true`: the processes of a run would overwrite each other's data."
        raise EnvironmentFault(message, hint=f"Write `parallel = true` in the [run] section of {named.name}.")


def of_run(settings: Settings, folder: Path) -> Path:
    """The file that configures coverage.py in the measured processes of the run in `folder`, made where need be."""
    if settings.coverage_config is not None:
        return settings.coverage_config
    path = (folder / protocol.RUN_CONFIG).absolute()
    if not path.exists():
        _write(settings, path)
    return path


def of_reports(settings: Settings, folder: Path, measured: Iterable[str] = ()) -> CoverageConfig:
    """What the reports in `folder` are made with. `measured` are the roots of the checkouts that runs measured."""
    if settings.coverage_config is not None:
        return CoverageConfig(settings.coverage_config, _below(settings.root, settings.coverage_config), settings.root)
    path = (folder / protocol.RUN_CONFIG).absolute()
    _write(settings, path, measured)
    return CoverageConfig(path, "[tool.afterawait]", settings.root, made=True)


def _write(settings: Settings, path: Path, measured: Iterable[str] = ()) -> None:
    """Write the file whole or not at all: test processes that start together may all ask for it."""
    folder = path.parent
    elsewhere = sorted(set(measured) - {str(settings.root)})
    values: dict[str, str | list[str]] = {
        "data_file": str(folder / protocol.DATA_FILE),
        "paths": [str(settings.root), *map(_pattern, elsewhere)],
        "html": str(folder / "htmlcov"),
        **{kind: str(folder / f"coverage.{kind}") for kind in ("xml", "json", "lcov")},
    }
    text = TEMPLATE.format(
        concurrency=protocol.CONCURRENCY,
        core=protocol.CORE,
        branch=protocol.BRANCH,
        measured=_measured(settings),
        fail_under=settings.fail_under,
        precision=PRECISION,
        **{name: _toml(value) for name, value in values.items()},
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def _measured(settings: Settings) -> str:
    """The setting that says what is measured: coverage.py's sources are folders, never single files."""
    places = [settings.root / each for each in settings.source]
    if all(each.is_dir() for each in places):
        return f"source_dirs = {_toml([str(each) for each in places])}"
    # The canary's measured half has a name below the first of them, below a file's name too.
    patterns = [f"{_pattern(str(each))}{end}" for each in places for end in ([""] if each.is_file() else []) + ["/*"]]
    return f"include = {_toml(patterns)}"


def _toml(value: str | list[str]) -> str:
    """A TOML string or list of them; coverage.py would replace $NAME in it by a variable."""
    return json.dumps(value, ensure_ascii=False).replace("$", "$$").replace("\x7f", "\\u007f")


def _pattern(folder: str) -> str:
    """A folder's name as a pattern of coverage.py, in which some characters mean more than themselves."""
    return re.sub(r"[][*]", "?", folder)


def _text(cov: coverage.Coverage, option: str) -> str:
    return str(cov.get_option(option))


def _below(root: Path, path: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
