"""Signal handlers of the application beside both recorders: seen, and never disturbed. Programs of their own."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from coverage import CoverageData

from e2e.selftests.measured_program import run
from e2e.selftests.witnessed_place import Place

COUNT = 400

HANDLERS = f"""
import signal
import sys

seen = []
left = list(range({COUNT}))


def busy():
    total = 0
    for number in range(20):
        total += number
        pairs = [total, number]
    return pairs


def handle(signum, frame):
    seen.append(frame.f_code.co_filename)
    if left:
        steps[left.pop()]()


steps = []
"""
"""A handler that runs a line of its own each time that it is called."""

STEPS = "".join(f"@steps.append\ndef step():\n    steps[{number}] = None\n" for number in range(COUNT))

PROGRAM = """
import signal, handlers
signal.signal(signal.SIGALRM, handlers.handle)
assert signal.getsignal(signal.SIGALRM) is handlers.handle
while handlers.left:
    count = len(handlers.left)
    signal.setitimer(signal.ITIMER_REAL, 0.0003)
    while len(handlers.left) == count:
        handlers.busy()
assert signal.signal(signal.SIGALRM, signal.SIG_IGN) is handlers.handle
assert signal.getsignal(signal.SIGALRM) == signal.SIG_IGN
print(len(handlers.left), *{name for name in handlers.seen if "afterawait/agent" in name})
"""


def measured(place: Place) -> dict[str, set[int]]:
    """The lines that coverage.py recorded, by file name."""
    found: dict[str, set[int]] = {}
    for path in place.run.glob(".coverage.*"):
        data = CoverageData(basename=str(path))
        data.read()
        with closing(data):
            for name in data.measured_files():
                found.setdefault(Path(name).name, set()).update(data.lines(name) or ())
    return found


def bodies(place: Place) -> set[int]:
    """Write the handler; returns the lines of which each call of it runs another one."""
    place.source("handlers.py", HANDLERS + STEPS)
    return {number for number, text in enumerate((HANDLERS + STEPS).splitlines(), 1) if " = None" in text}


def test_a_busy_handlers_lines_are_seen_by_the_witness(place: Place) -> None:
    """It breaks into the witness's callback most of the time; it is told of the application's frame even then."""
    wanted = bodies(place)

    printed = place.python(PROGRAM)

    assert printed == "0\n"
    assert place.lines()["handlers.py"] >= wanted


@pytest.mark.parametrize("core", ["ctrace", "sysmon"])
def test_what_coverage_cannot_see_of_a_handler_is_counted(place: Place, core: str) -> None:
    """Inside coverage.py's own code neither recorder sees it; anywhere else both see the same."""
    wanted = bodies(place)

    ended = run(place, PROGRAM, core=core)

    assert ended.printed == ["0"]
    seen = place.lines()["handlers.py"]
    assert len(wanted - seen) <= sum(ended.record["unseen_handlers"].values())
    assert measured(place)["handlers.py"] - {0} == seen


RAISING = """
class Alarm(Exception):
    pass


def handle(signum, frame):
    errors = (KeyError, TimeoutError, TypeError, Alarm, ValueError, OSError)
    raised.append(errors[len(raised) % len(errors)]("of the application"))
    raise raised[-1]


raised = []


def wait(fresh):
    exec(compile("a = 1\\n" * 50, fresh, "exec"))
    total = 0
    for number in range(200):
        total += number
    return total
"""


def test_what_a_handler_raises_reaches_the_application(place: Place) -> None:
    """Each of them, of whatever type: none is taken for the witness's own, also while it is making room for a file."""
    place.source("raising.py", RAISING)
    for number in range(40):
        place.source(f"fresh_{number}.py", "a = 1\n" * 50)

    program = f"""
import signal, raising
signal.signal(signal.SIGALRM, raising.handle)
caught = turn = 0
while caught < 300:
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0003)
        while True:
            turn += 1
            raising.wait({str(place.measured)!r} + f"/fresh_{{turn % 40}}.py")
    except (KeyError, TimeoutError, TypeError, raising.Alarm, ValueError, OSError) as error:
        assert error in raising.raised, error
        caught += 1
print(len(raising.raised) - caught)
"""
    assert place.python(program) == "0\n"
    assert all(not each.lost for each in place.witnesses())
