"""Which settings of coverage.py are a run's own, which are the project's, and why: one list. Driver, test process.

Each reason stands as a comment in the configuration that a run derives.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from afterawait import protocol


class Setting(NamedTuple):
    """An option of coverage.py by "section:name", its value, and the reason for it."""

    option: str
    value: Any
    why: str = ""


OURS = (
    Setting(
        "run:concurrency",
        protocol.LIVE["concurrency"],
        "Async SQLAlchemy runs in greenlets, `def` endpoints in threads: with one of the two alone, lines that ran\n"
        "are reported as missed. (The variables here are set by --fast alone: sys.monitoring, lines without branches.)",
    ),
    Setting(
        "run:core",
        protocol.LIVE["core"],
        "The tracer that loses nothing with branches on every Python from 3.12.",
    ),
    Setting(
        "run:parallel",
        protocol.LIVE["parallel"],
        "A file a process: server, workers, setup command and test runner end at different times.",
    ),
    Setting(
        "run:relative_files",
        protocol.LIVE["relative_files"],
        "Processes start in different folders: only an absolute name is the same in all of them.",
    ),
)
"""How a live server is measured. What the project says instead of these does not hold."""

UNUSED = (
    "run:data_file",
    "run:dynamic_context",  # the tests' names come from the witness: coverage.py keeps one context a process
    "run:context",
    "report:contexts",  # patterns for contexts that are not measured
    "run:sigterm",  # a measured process saves by itself however it is ended (agent/saving.py)
    "run:patch",  # likewise; and `subprocess` would have children read another configuration
    "run:timid",
    "run:debug",
    "run:debug_file",
    "report:fail_under",  # the gate of [tool.afterawait]; the project's own is made for unit tests
    "html:directory",
    "xml:output",
    "json:output",
    "lcov:output",
)
"""Others that do not hold: some are set for each run, the rest is left out."""

DEFAULTS = (
    Setting("report:precision", 2),
    Setting("report:show_missing", True),
    Setting("report:skip_covered", True),
    Setting("report:skip_empty", True),
    Setting(
        "report:include_namespace_packages",
        True,
        "A file that nothing imported counts, whether its folder has an __init__.py or not.",
    ),
    Setting(
        "html:skip_covered",
        False,
        "Here, where one looks for a file, every file is shown; and beside each line, the tests that ran it.",
    ),
    Setting("html:skip_empty", False),
    Setting("html:show_contexts", True),
)
"""What holds where the project says nothing."""

PATTERNS = ("run:omit", "run:include", "report:omit", "report:include")
KEPT = (
    *("report:exclude_lines", "report:partial_branches", "report:partial_branches_always", "report:format"),
    *("report:ignore_errors", "report:sort", "html:title", "html:extra_css", "xml:package_depth", "json:pretty_print"),
    *("json:show_contexts", "lcov:line_checksums"),
)
WARNINGS = ["module-not-imported", "no-data-collected"]
