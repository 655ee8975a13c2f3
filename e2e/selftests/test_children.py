"""Children of a measured process: measured whatever environment they get, or named. Programs, and whole runs."""

from __future__ import annotations

import os
import shlex
import sys

import pytest

from afterawait.agent.children import environment, may_be_unmeasured
from e2e.selftests.measured_program import run
from e2e.selftests.project import ROOT, Project
from e2e.selftests.witnessed_place import Place


@pytest.mark.parametrize(
    "start",
    [
        "subprocess.run([sys.executable, '-c', CHILD], env=ENV, check=True)",
        "asyncio.run(started())",
        "subprocess.Popen([sys.executable, '-c', CHILD], -1, env=ENV).wait()",
    ],
)
def test_a_child_with_an_environment_of_its_own_is_measured(place: Place, start: str) -> None:
    """The run's variables are added, and what it was given is kept."""
    place.source("child.py", "def ran():\n    return 1\n")
    program = f"""
import asyncio, os, subprocess, sys
CHILD = "import os, child; child.ran(); assert os.environ['MINE'] == 'yes'; assert 'HOME' not in os.environ"
ENV = {{"MINE": "yes", "PATH": os.defpath, "PYTHONPATH": {os.pathsep.join([str(ROOT), str(place.measured)])!r}}}
async def started():
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, env=ENV)
    assert await child.wait() == 0
{start}
assert set(ENV) == {{"MINE", "PATH", "PYTHONPATH"}}
"""

    run(place, program)

    assert place.lines()["child.py"] == {1, 2}


def test_other_programs_get_the_environment_that_they_were_given(place: Place) -> None:
    """Only Python is told of the run; one that was told of another run keeps to it."""
    ended = run(place, "import subprocess; print(subprocess.run(['env'], env={}, capture_output=True).stdout)")

    assert ended.printed == ["b''"]
    assert environment(sys.executable, {"AFTERAWAIT_RUN": ""}) == {"AFTERAWAIT_RUN": ""}
    assert environment("nowhere-to-be-found", {"PATH": "/nowhere"}) == {"PATH": "/nowhere"}


def test_a_program_that_cannot_be_looked_at_starts(place: Place) -> None:
    """Whatever fails in finding out whether it is Python is said, and goes no further."""
    program = """
import subprocess
from afterawait.agent import children
def boom(*_):
    raise PermissionError("unreadable")
children._is_python = boom
print(subprocess.run(["sh", "-c", "exit 4"], env={"PATH": "/bin:/usr/bin"}).returncode)
"""

    ended = run(place, program)

    assert ended.printed == ["4"]
    assert "afterawait: a child may not be measured: PermissionError: unreadable" in ended.errors


@pytest.mark.parametrize(
    ("command", "may_be"),
    [
        ("python -S worker.py", True),
        ("/usr/bin/python3.13 -I -m app.worker", True),
        ("python -sE worker.py", True),
        ("env -i PATH=/bin python worker.py", True),
        ("sudo -u nobody python3 worker.py", True),
        ("python worker.py -S", False),
        ("python -m app.worker -I", False),
        ("python -X dev -m app", False),
        ("env", False),
        ("git log -S python", False),
        ("", False),
    ],
)
def test_what_keeps_python_from_the_start_hook_is_recognised(command: str, may_be: bool) -> None:
    """By its options and the programs around it."""
    assert may_be_unmeasured(shlex.split(command)) == may_be


@pytest.mark.parametrize(
    ("command", "named"),
    [
        pytest.param("['env', '-i', sys.executable, '-m', 'toy.late']", True, id="a measured module"),
        pytest.param("['env', '-i', sys.executable, '-c', '1']", False, id="another program"),
    ],
)
def test_a_child_that_ran_the_application_unmeasured_is_named(project: Project, command: str, named: bool) -> None:
    """With its command, who started it, and the cure; one that has nothing to do with the sources is not."""
    project.write("toy/late.py", "print('ran')\n")
    project.replace("toy/main.py", "import asyncio\n", "import asyncio\nimport subprocess\nimport sys\n")
    project.replace(
        "toy/main.py", "def in_thread():\n", f"def in_thread():\n    subprocess.run({command}, check=True)\n"
    )
    project.replace(".coveragerc", "fail_under = 100", "fail_under = 0")

    ended = project.run()

    assert ended.status == (3 if named else 0), ended.output
    assert ("-m toy.late`), started by the server process" in ended.output) == named
    assert ("start Python itself, with `env=`" in ended.output) == named
