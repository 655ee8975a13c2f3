"""All checks of one project, in the order in which they are read. Driver process."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from afterawait import coverage_settings, protocol
from afterawait.doctor import config_file, environment, files, plan, source_code
from afterawait.doctor.checks import (
    branches,
    canary,
    combining,
    concurrency,
    coverage_version,
    ending,
    paths,
    processes,
    python,
    subprocesses,
)
from afterawait.doctor.config_file import Edit
from afterawait.doctor.environment import Answer, Look, Python
from afterawait.doctor.findings import Checked, Level
from afterawait.doctor.project import HowTested, Project, how_tested, starts_of
from afterawait.faults import EnvironmentFault

CHECKS = (
    *(python, coverage_version, branches, concurrency, processes, subprocesses),
    *(ending, paths, combining, canary),
)
MOST_FOLDERS = 200
CONFIG_FILES = (".coveragerc", ".coveragerc.toml", "setup.cfg", "tox.ini", "pyproject.toml")
ABOUT_SETTINGS = CHECKS[2:]


@dataclass(frozen=True)
class Examination:
    """What was found, and the lines to change."""

    project: Project
    checked: list[Checked]
    edits: list[Edit]

    @property
    def status(self) -> int:
        """0 where nothing makes the coverage wrong."""
        return protocol.MEASUREMENT if any(each.level is Level.WRONG for each in self.checked) else protocol.GOOD

    @property
    def needs(self) -> str:
        """What is to be installed before the lines hold."""
        return plan.needs(self.project, self.edits)

    @property
    def table(self) -> str:
        """The sections of the coverage configuration that say how it is measured, complete."""
        return self.project.config.table(self.edits) if self.edits else ""


def examine(root: Path, *, named_python: str | None = None, rcfile: str | None = None) -> Examination:
    """Look at the project in `root`. Raises EnvironmentFault where its settings or its Python cannot be used."""
    if rcfile and not Path(rcfile).is_file():
        raise EnvironmentFault(
            f"--rcfile names {rcfile}, which is no file here.", hint="Name coverage.py's configuration."
        )
    root = Path(os.path.realpath(root))
    _must_be_readable(root)
    interpreter = environment.python_of(root, named_python)
    tested = how_tested(root, rcfile)
    own, whole = files.python_files(root)
    asked = {
        "rcfile": str(root / tested.rcfile) if tested.rcfile else None,
        "branch": tested.branch,
        "path": _path(root),
        "folders": _folders(root, own),
    }
    with Look(interpreter, root, asked) as look:
        source = source_code.read(_in_order(root, own))
        interpreter, answer = _answered(look.answer(), interpreter, root, asked)
    if answer.refused:
        raise _refused(root, tested, str(answer.refused), str(answer.refused_by))
    packages = environment.packages(root, _counted(root, own))
    config = config_file.of(root, str(answer.config_file or ""))
    notes = list(_notes(root, answer, tested))
    if not own:
        notes.insert(0, "There is no Python file here: is this the root of the project?")
    if source.left or not whole:
        notes.insert(0, f"There was no time for {source.left or 'some'} of {'' if whole else 'over '}{len(own)} files.")
    project = Project(root, interpreter, answer, config, tested, source, packages, starts_of(root, source), notes)
    checked = [_weighed(project, each.check(project), about_settings=each in ABOUT_SETTINGS) for each in CHECKS]
    return Examination(project, checked, plan.edits(project, checked))


def _must_be_readable(root: Path) -> None:
    """Settings that cannot be read are none of coverage.py's own mistakes: it goes on without them."""
    for name in CONFIG_FILES:
        if (root / name).is_file() and not os.access(root / name, os.R_OK):
            raise EnvironmentFault(f"{root / name} cannot be read.", hint="Make it readable.")


def _answered(answer: Answer, interpreter: Python, root: Path, asked: Mapping[str, object]) -> tuple[Python, Answer]:
    """The answer, or this Python's own where the project's has no coverage.py. Raises EnvironmentFault."""
    if answer.failed:
        message = f"{interpreter.name} could not be looked at: {answer.failed}."
        raise EnvironmentFault(message, hint="Name the Python that your tests run in with --python.")
    if answer.coverage is None:
        ours = Python(sys.executable, "Afterawait's own Python")
        with Look(ours, root, asked) as look:
            other = look.answer()
        if other.coverage is None:
            message = f"coverage.py is not installed for {interpreter.name}."
            raise EnvironmentFault(message, hint=f"Install it there: {coverage_version.UPGRADE}")
        values = {**other.values, "absent": interpreter.name}
        interpreter, answer = ours, Answer(values)
    return interpreter, answer


def _refused(root: Path, tested: HowTested, said: str, kind: str) -> EnvironmentFault:
    """What coverage.py, or a plugin of it, says of the settings; with the place where it says none."""
    text = _with_end(root, " ".join(said.replace(f"{root}{os.sep}", "").split()).rstrip("."))
    if kind in {"ImportError", "ModuleNotFoundError"}:
        message = f"A plugin of coverage.py in your settings cannot be imported: {text}."
        return EnvironmentFault(message, hint="Install it there, or take it out of `plugins`.")
    where = _place_of(root, tested, re.split(r"[\s:,]+", text.replace("'", ""))[-1])
    hint = "Fix that: coverage.py stops at it as well."
    return EnvironmentFault(f"coverage.py cannot use its settings{where}: {text}.", hint=hint)


def _place_of(root: Path, tested: HowTested, word: str) -> str:
    """The file that coverage.py reads, and the one line of it that holds a word."""
    names = [tested.rcfile] if tested.rcfile else CONFIG_FILES
    name = next((each for each in names if each and (root / each).is_file()), "")
    if not name:
        return ""
    line = coverage_settings.line_of(root / name, word)
    return f", {name}:{line}" if line else f", {name}"


def _with_end(root: Path, text: str) -> str:
    """A broken TOML file's error with line and column, where it is the end of the file."""
    lines = files.read(root / "pyproject.toml").splitlines() or [""]
    return text.replace("at end of document", f"at line {len(lines)}, column {len(lines[-1]) + 1}: its end")


def _notes(root: Path, answer: Answer, tested: HowTested) -> Iterator[str]:
    for each in answer.warnings or ():
        yield f"coverage.py warns: {each}"
    if broken := _broken(root / "pyproject.toml"):
        yield f"pyproject.toml cannot be read: {_with_end(root, broken)}."
    for name in (protocol.COVERAGE_CORE, "COVERAGE_RCFILE"):
        if value := os.environ.get(name):
            yield f"{name}={value} is set in this shell, and was heeded."
    if not tested.own_settings_measure:
        yield "`afterawait run` measures by settings of its own; what is said of the project's is for other runs."


def _weighed(project: Project, checked: Checked, *, about_settings: bool) -> Checked:
    """What only settings say that nothing is measured by is no more than a note."""
    if project.tested.own_settings_measure or not about_settings:
        return checked
    findings = tuple(replace(each, level=Level.NOTE) for each in checked.findings)
    return replace(checked, findings=findings)


def _broken(path: Path) -> str:
    try:
        tomllib.loads(files.read(path))
    except tomllib.TOMLDecodeError as error:
        return str(error)
    return ""


def _folders(root: Path, own: Iterable[Path]) -> list[str]:
    """Where the canary may lie: the project's packages, the largest first, and whatever else holds its modules."""
    counted = _counted(root, own)
    packages = [str(root / each) for each in environment.packages(root, counted)]
    others = sorted({str(each.parent) for each in counted})
    return list(dict.fromkeys([*packages, str(root), *others]))[:MOST_FOLDERS]


def _path(root: Path) -> list[str]:
    return [str(root / "src")] if files.is_folder(root / "src") else []


def _counted(root: Path, own: Iterable[Path]) -> list[Path]:
    return [each for each in own if not files.is_test(each, root) and not files.is_aside(each, root)]


def _in_order(root: Path, own: Iterable[Path]) -> list[tuple[Path, str, bool]]:
    """The application first: should time run out, it is known."""
    known = [(each, os.path.relpath(each, root), files.is_test(each, root)) for each in own]
    return sorted(known, key=lambda each: (each[2], files.is_aside(each[0], root)))
