"""A measured process saves what it ran, however it is ended. Programs in processes of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from coverage import CoverageData

from e2e.selftests.measured_program import COVERAGERC, environment
from e2e.selftests.witnessed_place import TIMEOUT, Place

BUSY = "def work():\n" + "    a = 1\n" * 6_000 + "    return 3\n"
"""Long enough for a save that takes a few milliseconds."""

PRELUDE = """
import os, signal, subprocess, sys, threading
import busy
busy.work()
def send(number, times=1, pause="0"):
    script = "import os, sys, time\\nfor _ in range(%d): os.kill(%d, %d); time.sleep(%s)" % (
        times, os.getpid(), number, pause)
    subprocess.Popen([sys.executable, "-I", "-S", "-c", script], env={})
    threading.Event().wait(30)
"""


def end(place: Place, program: str, more: str = "") -> int:
    """Run a program that is ended somehow; returns its exit status."""
    place.source("busy.py", BUSY)
    rcfile = place.root / "coveragerc"
    how = {"core": "ctrace", "concurrency": "thread", "branch": "false"}
    rcfile.write_text(COVERAGERC.format(measured=place.measured, **how) + more, encoding="utf-8")
    command = [sys.executable, "-c", PRELUDE + program]
    done = subprocess.run(
        command, env=environment(place, rcfile), timeout=TIMEOUT, check=False, capture_output=True, text=True
    )
    assert not done.stderr
    return done.returncode


def saved(place: Place) -> list[set[int]]:
    """The lines of busy.py in each data file."""
    found = []
    for path in sorted(place.run.glob(".coverage.*")):
        assert not path.name.endswith("-journal")
        with closing(CoverageData(basename=str(path))) as data:
            data.read()
            found += [set(data.lines(name) or ()) for name in data.measured_files() if Path(name).name == "busy.py"]
    return found


ENDS = [
    pytest.param("send(signal.SIGTERM)", -signal.SIGTERM, id="SIGTERM"),
    pytest.param("send(signal.SIGHUP)", -signal.SIGHUP, id="SIGHUP"),
    pytest.param(
        "signal.signal(signal.SIGTERM, signal.SIG_DFL); send(signal.SIGTERM)", -signal.SIGTERM, id="SIG_DFL set back"
    ),
    pytest.param(
        "signal.signal(signal.SIGINT, signal.SIG_DFL); send(signal.SIGINT)", -signal.SIGINT, id="SIGINT's default"
    ),
    pytest.param("os._exit(7)", 7, id="os._exit"),
    pytest.param("threading.Thread(target=os._exit, args=(7,)).start(); threading.Event().wait(30)", 7, id="a thread"),
    pytest.param("os.execvp('sh', ['sh', '-c', 'exit 5'])", 5, id="exec"),
    pytest.param("os.execve('/bin/sh', ['sh', '-c', 'exit 5'], {})", 5, id="exec with an environment"),
    pytest.param("os.execve(path='/bin/sh', argv=['sh', '-c', 'exit 5'], env={})", 5, id="exec by keywords"),
    pytest.param(
        "os.execve(os.open('/bin/sh', os.O_RDONLY), ['sh', '-c', 'exit 5'], {})", 5, id="exec of a descriptor"
    ),
    pytest.param("os._exit(status=7)", 7, id="os._exit by keyword"),
    pytest.param("import coverage; coverage.Coverage(); sys.exit(3)", 3, id="another Coverage"),
]

AGAIN = [
    pytest.param(
        f"send(signal.SIGTERM, 20, {pause!r})", -signal.SIGTERM, more, id=f"every {pause} s{more and ', sigterm'}"
    )
    for more in ("", "sigterm = true\n")
    for pause in ("0", "0.0005", "0.002", "0.004")
]
"""Servers that signal their group, and process managers that signal again: in a named configuration as well."""


@pytest.mark.parametrize(
    ("program", "status", "more"), [*(pytest.param(*each.values, "", id=each.id) for each in ENDS), *AGAIN]
)
def test_a_process_saves_however_it_is_ended(place: Place, program: str, status: int, more: str) -> None:
    """Whole, once, and the exit status is what it would be without us."""
    ended = end(place, program, more)

    assert ended == status
    [witness] = place.witnesses()
    assert saved(place) == [witness.lines[str(place.measured / "busy.py")]]
    assert len(saved(place)[0]) == 6_002


@pytest.mark.parametrize("leaves", ["os._exit(0)", "sys.exit()", "send(signal.SIGTERM)"])
def test_a_forked_child_saves_however_it_is_ended(place: Place, leaves: str) -> None:
    """What it ran is in a data file of its own, and its parent's is whole as well."""
    place.source("child.py", "def ran():\n    return 1\n")
    program = f"""
pid = os.fork()
if not pid:
    import child
    child.ran()
    {leaves}
os.waitpid(pid, 0)
"""

    ended = end(place, program)

    assert ended == 0
    assert len(saved(place)) == 2
    assert place.lines()["child.py"] == {1, 2}


def test_a_program_that_is_not_found_leaves_the_process_as_it_was(place: Place) -> None:
    """exec fails, and the process goes on, is measured on, and saves at its end."""
    program = """
try:
    os.execv("/nowhere", ["nowhere"])
except FileNotFoundError:
    import late
    late.ran()
"""
    place.source("late.py", "def ran():\n    return 1\n")

    ended = end(place, program)

    assert ended == 0
    [path] = place.run.glob(".coverage.*")
    with closing(CoverageData(basename=str(path))) as data:
        data.read()
        assert set(data.lines(str(place.measured / "late.py")) or ()) == {1, 2}
    [record] = place.run.glob("process-*.json")
    assert '"became": []' in record.read_text()


def test_a_handler_of_the_applications_own_is_left_alone(place: Place) -> None:
    """It is called, and the process goes on: nothing is saved for a signal that does not end it."""
    program = """
seen = threading.Event()
signal.signal(signal.SIGTERM, lambda number, frame: seen.set())
os.kill(os.getpid(), signal.SIGTERM)
sys.exit(0 if seen.wait(10) and busy.work() == 3 else 1)
"""

    ended = end(place, program)

    assert ended == 0
    assert len(saved(place)) == 1


def test_an_ignored_signal_stays_ignored(place: Place) -> None:
    """As nohup has it: SIGHUP's disposition is the parent's choice."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        ended = end(place, "os.kill(os.getpid(), signal.SIGHUP); sys.exit(4)")
    finally:
        signal.signal(signal.SIGHUP, before)

    assert ended == 4
