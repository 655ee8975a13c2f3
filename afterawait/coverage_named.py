"""A coverage configuration that the project names, checked before anything starts: it is used exactly as it is.

Driver process. Coverage.py's own classes say what they would make of it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from afterawait import coverage_fast, protocol, terminal
from afterawait.coverage_settings import SOURCES, line_of
from afterawait.faults import EnvironmentFault
from afterawait.mode import FAST, TRACERS, MeasurementMode

if TYPE_CHECKING:
    import coverage

PATTERNS = ("run:omit", "run:include", "report:omit", "report:include")
CONTEXTS = (None, "", "none", "test_function")


def check(cov: coverage.Coverage, file: Path, name: str) -> None:
    """Raise EnvironmentFault, or what coverage.py raises, for what would stop a run or lose its data.

    `name` is what people know the file by.
    """
    cov.get_exclude_list()  # plugins configure now
    if not cov.get_option("run:parallel"):
        section = line_of(file, "[run]") or line_of(file, "[coverage:run]") or line_of(file, "[tool.coverage.run]")
        message = f"{name} lacks `parallel = true`: the processes of a run would overwrite each other's data."
        where = f" of {name}" + f", line {section}" * bool(section)
        raise EnvironmentFault(message, hint=f"Write `parallel = true` in the [run] section{where}.")
    context = cov.get_option("run:dynamic_context")
    if context not in CONTEXTS:
        where = _at(file, name, str(context))
        message = f"{where} sets `dynamic_context = {context}`, which coverage.py does not know."
        raise EnvironmentFault(message, hint="Leave it out: a run writes the tests' names beside the lines itself.")
    _check_patterns(cov, file, name)


def mode_of(cov: coverage.Coverage, file: Path, name: str, chosen: MeasurementMode) -> MeasurementMode:
    """How this configuration measures where `chosen` is asked for; says it where that is by sys.monitoring.

    Raises EnvironmentFault where coverage.py would measure by a tracer that was not asked for, and proves less.
    """
    measured_by, reasons = coverage_fast.tracer(cov)
    wanted = TRACERS[chosen.core]
    found = replace(chosen, branch=bool(cov.get_option("run:branch")))
    if measured_by == TRACERS["sysmon"]:
        found = replace(found, core="sysmon")
        _say_what_counts(cov, file, name, found, asked_for=measured_by == wanted)
    elif chosen.monitored and (changed := coverage_fast.changed(cov)):
        options = ", ".join(changed)
        terminal.say("coverage", f"{name}: --fast does not go by its {options}: lines alone, by sys.monitoring")
        found = FAST
    elif measured_by != wanted:
        why = f": {'; '.join(reasons)}" if reasons else ""
        culprit = "dynamic_context" if "dynamic contexts" in why else "core"
        run = "a run with --fast" if chosen.monitored else "a run"
        message = f"{_at(file, name, culprit)} has {run} measured by {measured_by}, not by {wanted}{why}."
        raise EnvironmentFault(message, hint=_line(culprit, cov.get_option(f"run:{culprit}")))
    return found


def _say_what_counts(cov: coverage.Coverage, file: Path, name: str, found: MeasurementMode, *, asked_for: bool) -> None:
    """Lines are exact by sys.monitoring, however it was chosen; branches are not (see afterawait/mode.py)."""
    core = cov.get_option("run:core")
    by = f"by sys.monitoring ({f'core = {core}' if core else 'as coverage.py does by itself on this Python'})"
    if found.branch:
        where = _at(file, name, "branch")
        terminal.say("coverage", f"{where} measures branches {by}: they can be false; this run counts lines alone")
    elif not asked_for:
        terminal.say("coverage", f"{_at(file, name, 'core')} measures {by}: lines alone")


def _line(culprit: str, value: object) -> str:
    if culprit == "dynamic_context":
        return f"Leave `dynamic_context = {value}` out: a run writes the tests' names beside the lines itself."
    line = f"core = ${{{protocol.CORE}-ctrace}}"
    return f"Write `{line}` in its [run] section, which --fast changes, or run without it."


def _check_patterns(cov: coverage.Coverage, file: Path, name: str) -> None:
    from coverage.exceptions import ConfigError
    from coverage.files import GlobMatcher, PathAliases, prep_patterns

    for option in PATTERNS:
        found = cov.get_option(option)
        if isinstance(found, list):
            GlobMatcher(prep_patterns([str(each) for each in found]))
    paths = cov.get_option("paths")
    aliases = PathAliases()
    for key, places in paths.items() if isinstance(paths, dict) else ():
        if not places:
            message = f"{_at(file, name, key)}: `{key}` in [paths] names no folder."
            raise EnvironmentFault(message, hint="Name the folder of the sources first, then what others are called.")
        for each in places[1:]:
            try:
                aliases.add(each, places[0])
            except ConfigError as error:
                message = f"{_at(file, name, each)}: `{key}` in [paths]: {error}"
                raise EnvironmentFault(message, hint="Name folders there, not what they hold.") from None
    for option in SOURCES[2:]:
        found = cov.get_option(option)
        for each in found if isinstance(found, list) else ():
            if not Path(str(each)).is_dir():
                message = f"{_at(file, name, str(each))}: source_dirs names {each}, which is no folder here."
                raise EnvironmentFault(message, hint="Name folders below the project's root.")


def _at(file: Path, name: str, text: str) -> str:
    line = line_of(file, text)
    return f"{name}:{line}" if line else name
