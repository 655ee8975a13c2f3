"""What an application has let go of is found when its servers have stopped, named, ended, and a fault of the run."""

from __future__ import annotations

import os
import re
import signal
import subprocess

import psutil

from e2e.selftests import processes
from e2e.selftests.project import TIMEOUT, Project
from e2e.selftests.toy_projects import Toy, report


def helpers(project: Project) -> dict[str, psutil.Process | None]:
    """What the shop has started, by kind; None for what has ended."""
    found: dict[str, psutil.Process | None] = {}
    for path in project.root.glob("*.pid"):
        try:
            found[path.stem] = psutil.Process(int(path.read_text()))
        except psutil.NoSuchProcess:
            found[path.stem] = None
    return found


def gone(project: Project) -> bool:
    """Whether all of them have ended."""
    return processes.gone([each for each in helpers(project).values() if each is not None])


def hold(project: Project, kinds: str) -> subprocess.Popen[str]:
    """A run at the moment when these kinds have been started."""
    driver = project.start("-k", f"hold or {kinds}", env={"HOLD": "1"})
    processes.until((project.root / "held").exists, "a test holds the run")
    assert not gone(project)
    return driver


def test_what_outlives_the_servers_is_named_ended_and_judged(toy: Toy) -> None:
    """A session of its own, a double fork that ignores SIGTERM, a program that is no Python: each by its command."""
    project = toy("detached")

    ended = project.run()

    assert ended.status == 1, ended.output
    assert "The servers have stopped, and 3 processes of this run still run: pid " in ended.output
    pid = (project.root / "session.pid").read_text()
    assert re.search(rf"pid {pid} \(\S+ -m shop\.helper\), started by the server process \d+", ended.output)
    assert f"pid {(project.root / 'tool.pid').read_text()} (sleep 600)" in ended.output
    assert "They were ended." in ended.output
    assert gone(project)
    assert report(project)["shop/helper.py"]["missing_lines"] == []
    assert "measurement  coverage.py and the witness agree" in ended.output


def test_kill_9_of_pytest_leaves_none_of_them(toy: Toy) -> None:
    """The driver, which lives, ends them and says so."""
    project = toy("detached")
    driver = hold(project, "session")
    (victim,) = processes.called(project.root, " -m pytest ")

    victim.kill()
    output, _ = driver.communicate(timeout=TIMEOUT)

    assert driver.returncode == 4, output
    assert "a process of this run still runs" in output
    assert gone(project)


def test_kill_9_of_the_whole_run_leaves_none_of_them(toy: Toy) -> None:
    """A process in a session of its own waits for nothing else."""
    project = toy("detached")
    driver = hold(project, "session or tool")

    os.killpg(driver.pid, signal.SIGKILL)

    driver.communicate(timeout=TIMEOUT)
    processes.until(lambda: gone(project), "the helpers are gone", seconds=TIMEOUT)
    processes.until(lambda: not processes.of(project.root), "no process of the run is left", seconds=TIMEOUT)


def test_what_an_earlier_run_left_does_not_block_the_next(toy: Toy) -> None:
    """Even if whoever was to end it was killed as well: the next run ends it, says so, and goes on."""
    project = toy("detached")
    driver = hold(project, "session or tool")
    (sweeper,) = processes.called(project.root, "leftovers.py")
    sweeper.kill()
    os.killpg(driver.pid, signal.SIGKILL)
    driver.communicate(timeout=TIMEOUT)
    assert not gone(project)

    ended = project.run("-k", "hold")

    assert ended.status == 0, ended.output
    pid = (project.root / "tool.pid").read_text()
    assert f"pid {pid} (sleep 600) still ran from an earlier run; it was ended" in ended.output
    assert gone(project)
