"""An interruption that is lost is repeated by the driver. Test process."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from e2e.selftests import processes
from e2e.selftests.project import TIMEOUT, Project

SWALLOWS = """
import pathlib, threading

class Resource:
    def __del__(self):
        pathlib.Path({here!r}).touch()
        threading.Event().wait()

def test_swallow(http):
    held = Resource()
    del held
    threading.Event().wait()
"""


@pytest.mark.parametrize("processes_of_tests", ["0", pytest.param("2", marks=pytest.mark.full)])
def test_an_interruption_that_a_finaliser_swallows_is_repeated(
    project: Project, tmp_path: Path, processes_of_tests: str
) -> None:
    """Python prints and drops what `__del__` raises, and the test would go on as if nobody had asked."""
    here = tmp_path / "here"
    project.write("tests/test_zz.py", SWALLOWS.format(here=str(here)))
    driver = project.start("-n", processes_of_tests, "-p", "no:unraisableexception")
    processes.until(here.exists, "a finaliser runs")

    driver.send_signal(signal.SIGINT)
    output, _ = driver.communicate(timeout=TIMEOUT)

    assert driver.returncode == 130, output
    processes.until(lambda: not processes.of(project.root), "no process of the run is left")
