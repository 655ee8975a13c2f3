"""What the agent brings into a measured process: nothing of anybody's choice but its own. Test process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from e2e.selftests.project import ROOT

AGENT = [
    "afterawait.agent.asgi",
    "afterawait.agent.startup",
    "afterawait.agent.shutdown",
    "afterawait.agent.canary",
    "afterawait.agent.witness.monitor",
]
PROGRAM = """
import importlib, sys
before = set(sys.modules)
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*sorted(set(sys.modules) - before))
"""
EXPECTED = {*sys.stdlib_module_names, "coverage", "afterawait"}
UNLISTED = ("__mp_main__", "_sysconfigdata_", "_missing_stdlib_info")  # the standard library's as well
OURS = ("afterawait.agent", "afterawait.protocol")


def imported_by(*names: str) -> set[str]:
    """The modules that a fresh interpreter has imported after these."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AFTERAWAIT_", "COVERAGE_"))}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *names],
        env=clean | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("name", AGENT)
def test_the_agent_brings_no_library_into_a_measured_process(name: str) -> None:
    """Standard library, coverage.py, and of ours the protocol and the agent alone: no server, no event loop."""
    found = imported_by(name)

    foreign = {each for each in found if each.split(".")[0] not in EXPECTED and not each.startswith(UNLISTED)}
    ours = {each for each in found if each.startswith("afterawait.") and not each.startswith(OURS)}
    assert name in found
    assert foreign == set()
    assert ours == set()
    assert "asyncio" not in found
