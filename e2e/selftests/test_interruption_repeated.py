"""An interruption that is lost is repeated by the driver. Test process."""

from __future__ import annotations

import signal
import subprocess
import sys
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

LOSES = """
import threading, time
from afterawait.signals import Once

class Resource:
    def __del__(self):
        print("in a finaliser", flush=True)
        threading.Event().wait()

interrupts = Once()
held = Resource()
del held
try:
    while True:
        time.sleep(0.01)
        interrupts.look()
except KeyboardInterrupt:
    print("ended")
"""


def test_a_server_for_a_person_ends_though_its_interruption_was_lost() -> None:
    """`serve` and `explore` hear one Ctrl-C, and look whether it came."""
    words = [sys.executable, "-c", LOSES]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in a finaliser\n"

        process.send_signal(signal.SIGINT)

        output, _ = process.communicate(timeout=TIMEOUT)
    assert output == "ended\n"


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
