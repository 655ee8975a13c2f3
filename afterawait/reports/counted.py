"""Which files count, as coverage.py's configuration has it: every pattern is matched by coverage.py's own. Driver."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import coverage
from coverage.files import GlobMatcher, TreeMatcher, canonical_filename, prep_patterns

from afterawait import coverage_config
from afterawait.faults import EnvironmentFault, MeasurementFault
from afterawait.measured_files import python_names
from afterawait.settings import Settings

SOURCES = ("run:source", "run:source_pkgs", "run:source_dirs")


class Counted:
    """The files of [tool.afterawait].source that coverage.py's settings do not leave out."""

    def __init__(self, settings: Settings, cov: coverage.Coverage) -> None:
        cov.get_exclude_list()  # by now plugins have configured
        self._cov = cov
        self._source = [settings.root / each for each in settings.source]
        self._tree = TreeMatcher([str(each) for each in settings.places])
        self._omitted = [self._matcher("run:omit"), self._matcher("report:omit")]
        measured = None if any(map(cov.get_option, SOURCES)) else self._matcher("run:include")
        self._included = [measured, self._matcher("report:include")]

    def files(self) -> Iterator[str]:
        """All that coverage.py takes for a Python file there; editors leave others beside them."""
        # Unless it is written down, a folder without __init__.py counts: nothing is forgotten silently.
        found = {canonical_filename(str(path)): None for place in self._source for path in python_names(place)}
        yield from filter(self.counts, found)

    def holds(self, name: str) -> bool:
        """Whether a measured file, absolute or named from here, is one of the application's."""
        return self._tree.match(name)

    def counts(self, name: str) -> bool:
        """Whether no pattern leaves this file out."""
        omitted = any(each.match(name) for each in self._omitted if each)
        return not omitted and all(each.match(name) for each in self._included if each)

    def _matcher(self, option: str) -> GlobMatcher | None:
        found = self._cov.get_option(option)
        patterns = [str(each) for each in found] if isinstance(found, list) else []
        return GlobMatcher(prep_patterns(patterns)) if patterns else None


def must_be_readable(settings: Settings, sources: Mapping[str, str]) -> None:
    """Raise EnvironmentFault for a file that counts and cannot be read, or is a link to nowhere.

    Of one that cannot be read, the entry in `sources`, a manifest's, is empty.
    """
    tops = (settings.root / each for each in settings.source)
    links = [path for top in tops for path in top.rglob("*.py") if path.is_symlink() and not path.exists()]
    paths = [settings.root / name for name, digest in sources.items() if not digest] + links
    if not paths:
        return
    with tempfile.TemporaryDirectory() as folder:
        config = coverage_config.of_reports(settings, Path(folder))
        count = set(Counted(settings, config.coverage()).files())
    names = [str(each.relative_to(settings.root)) for each in paths if canonical_filename(str(each)) in count]
    if names:
        message = f"{', '.join(names)} cannot be read, and would count."
        raise EnvironmentFault(message, hint="Make it readable, remove it, or `omit` it in the coverage configuration.")


def lacks_init(name: str) -> bool:
    """Whether a file's folder is no regular package."""
    return not Path(name).with_name("__init__.py").exists()


def nothing_measured(names: str) -> MeasurementFault:
    """That no line ran of the folders and files `names`."""
    hint = (
        "Is that what the server runs, and not another copy of it, an installed one say? "
        "Compare [tool.afterawait].source with `source` in the coverage configuration, too."
    )
    return MeasurementFault(f"No line of {names} was measured.", hint=hint)
