"""A named configuration that cannot measure by sys.monitoring as it stands, made to for a run with --fast.

Driver process. Where the file itself, or a plugin that configures, sets what sys.monitoring cannot do on this
Python, no variable of the run's changes it. The measured processes then get a copy of its [run] section in the run's
folder, apart from how to measure, which --fast says. Reports are made with the file as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterawait import coverage_derived
from afterawait.mode import FAST, TRACERS

if TYPE_CHECKING:
    import coverage

HEAD = (
    "# How coverage.py measured this run with --fast: {name}, whose {changed} cannot be measured so on this Python.\n"
)
GREENLETS = {"greenlet", "eventlet", "gevent"}
"""What sys.monitoring need not know of, and refuses to."""
NEVER = ("plugins", "data_file")
"""Plugins have configured by now, and none traces files by sys.monitoring; the data file is the run's."""


def tracer(cov: coverage.Coverage) -> tuple[str, list[str]]:
    """What coverage.py would measure with, by the name of its class, and why that is not what was asked for."""
    from coverage.core import Core

    cov.get_exclude_list()  # plugins configure now
    reasons: list[str] = []

    def warn(msg: str, slug: str | None = None, once: bool = False) -> None:  # noqa: ARG001  # as coverage.py calls it
        reasons.append(msg)

    dynamic = cov.get_option("run:dynamic_context") == "test_function"
    core = Core(warn=warn, debug=None, config=cov.config, dynamic_contexts=dynamic)
    return core.tracer_class.__name__, reasons


def changed(cov: coverage.Coverage) -> list[str]:
    """Which options of the configuration stand in the way of sys.monitoring, and can be changed for a run.

    None, if nothing does; none either, if something does that would change what the data hold. `cov` is changed.
    """
    if tracer(cov)[0] == TRACERS["sysmon"]:
        return []
    before: dict[str, Any] = {
        option: cov.get_option(f"run:{option}") for option in ("core", "concurrency", "branch", "timid")
    }
    concurrency = [each for each in before["concurrency"] if each not in GREENLETS] or ["thread"]
    after: dict[str, Any] = {"core": FAST.core, "concurrency": concurrency, "branch": FAST.branch, "timid": False}
    for option, value in after.items():
        cov.set_option(f"run:{option}", value)
    return (
        [option for option in after if before[option] != after[option]] if tracer(cov)[0] == TRACERS["sysmon"] else []
    )


def toml(cov: coverage.Coverage, name: str) -> str | None:
    """The copy for the measured processes of a run with --fast; None where the file can be used as it is.

    `cov` is changed. `name` is what people know the file by.
    """
    options = changed(cov)
    if not options:
        return None
    lines = [HEAD.format(name=name, changed=", ".join(options)), "[tool.coverage.run]"]
    for _, option, *_ in cov.config.CONFIG_FILE_OPTIONS:
        section, _, key = option.partition(":")
        value = cov.get_option(option)
        if section == "run" and key not in NEVER and value not in (None, [], ""):
            lines.append(f"{key} = {coverage_derived.literal(coverage_derived.verbatim(value))}")
    return "\n".join(lines) + "\n"
