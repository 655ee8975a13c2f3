"""Each start of a process has a record of its own, and one that cannot be read hides nothing else. Test process."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from e2e.selftests.project import Project

REUSED = '''\
"""In a PID namespace of its own: two processes, one after the other, get the same pid."""

import pathlib
import subprocess
import sys

for part in ("first", "second"):
    pathlib.Path("/proc/sys/kernel/ns_last_pid").write_text("1000")
    child = subprocess.Popen([sys.executable, "-c", f"from toy.parts import {part}; {part}()"])
    assert child.pid == 1001, child.pid
    assert child.wait() == 0
'''

PARTS = """\
def first():
    a = "lines of"
    return a + "the first"


def second():
    b = "lines of"
    return b + "the second"
"""

REPLACED = """\
import os
import sys

from toy.parts import first
{before}
os.execv(sys.executable, [sys.executable, "-c", "from toy.parts import second; second()"])
"""


def with_setup(project: Project, command: str) -> None:
    """Let the run have a setup command, and no gate."""
    project.write("toy/parts.py", PARTS)
    project.replace("pyproject.toml", "[tool.afterawait.env]", f'setup = "{command}"\n\n[tool.afterawait.env]')
    project.replace(".coveragerc", "fail_under = 100", "fail_under = 0")


def records(project: Project) -> list[dict[str, object]]:
    """All that the last run's processes left."""
    return [json.loads(path.read_text()) for path in project.run_folder.glob("process-*.json")]


def can_choose_pids(tmp_path: Path) -> bool:
    """Whether this machine lets a process have the pid that a test wants."""
    probe = tmp_path / "probe.py"
    probe.write_text("import pathlib\npathlib.Path('/proc/sys/kernel/ns_last_pid').write_text('1000')\n")
    unshare = shutil.which("unshare")
    command = [unshare or "", "--pid", "--fork", "--mount-proc", sys.executable, str(probe)]
    return bool(unshare) and subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_two_processes_of_one_pid_are_told_apart(project: Project, tmp_path: Path) -> None:
    """Each is held against its own data and its own witness: the run is believed."""
    if not can_choose_pids(tmp_path):
        pytest.skip("choosing a process's pid takes Linux and root")
    project.write("reused.py", REUSED)
    with_setup(project, f"unshare --pid --fork --mount-proc {sys.executable} reused.py")

    ended = project.run()

    assert ended.status == 0, ended.output
    twins = [each for each in records(project) if each["pid"] == 1001]
    assert len({each["start"] for each in twins}) == len({each["data_file"] for each in twins}) == 2
    assert len({each["witness_file"] for each in twins}) == 2
    ran = {line for _, line in project.arcs()["toy/parts.py"]}
    assert {3, 8} <= ran


def test_a_program_that_replaced_another_has_a_record_of_its_own(project: Project) -> None:
    """exec keeps the pid. What the first ran of the application, the second ran too: nothing is lost, nothing said."""
    project.write("replaced.py", REPLACED.format(before=""))
    with_setup(project, "python replaced.py")

    ended = project.run()

    assert ended.status == 0, ended.output
    [replaced] = [each["pid"] for each in records(project) if each["role"] == "setup"]
    measured = [each for each in records(project) if each["pid"] == replaced and each["data_file"]]
    assert sorted(str(each["role"]) for each in measured) == ["child", "setup"]


def test_what_a_program_ran_before_it_was_replaced_is_saved(project: Project) -> None:
    """Just before exec, which keeps the pid: two records, two data files, and nothing is lost."""
    project.write("replaced.py", REPLACED.format(before="first()"))
    with_setup(project, "python replaced.py")

    ended = project.run()

    assert ended.status == 0, ended.output
    assert {3, 8} <= {line for _, line in project.arcs()["toy/parts.py"]}
    [setup] = [each for each in records(project) if each["role"] == "setup" and each["became"]]
    assert str(setup["became"]).endswith("from toy.parts import second; second()']")


UNREADABLE = """\
import os
import pathlib


def test_spoil_a_record(http):
    assert http.get("/thread").text == "from a thread"
    run = pathlib.Path(os.environ["AFTERAWAIT_RUN"])
    [record] = [path for path in run.glob("process-*.json") if '"setup"' in path.read_text()]
    record.write_text("{")
"""


@pytest.mark.parametrize("failing", [True, False], ids=["a test failed", "all passed"])
def test_an_unreadable_record_is_said_beside_failed_tests(project: Project, failing: bool) -> None:
    """Both are printed; failed tests come first in the status. All other processes are judged as ever."""
    project.write("tests/test_zz.py", UNREADABLE)
    with_setup(project, "python -m toy.parts")
    if failing:
        project.replace("tests/test_toy.py", '"from a thread"', '"from nowhere"')

    ended = project.run()

    assert ended.status == (1 if failing else 3), ended.output
    assert ended.output.count("is no readable process record") == 1
    assert ended.output.count("(3):") == 1, "nothing else is wrong with the measurement"
    assert ("tests (1): Tests failed." in ended.output) == failing
