"""Nothing of a private PostgreSQL outlives the test process, however that or the reaper ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from afterawait.databases.cluster import Postgres
from afterawait.processes import reaper
from afterawait.processes.polling import wait_until
from e2e.selftests import postgres_owner
from e2e.selftests.postgres_owner import SECONDS, line_of, lives, processes_below, reaper_of, wait_gone

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")

cache = postgres_owner.cache
start = postgres_owner.start
own = postgres_owner.own


def test_a_stopped_server_leaves_no_process_and_no_folder(start: Callable[..., Postgres]) -> None:
    """stop() returns when all is gone, and may be called again."""
    server = start()
    supervisor = reaper_of(server)
    everything = [supervisor, *supervisor.children(recursive=True)]
    assert (server.socket_folder / ".s.PGSQL.5432").is_socket()

    server.stop()
    server.stop()

    assert not [each for each in everything if lives(each)]
    assert not server.socket_folder.exists()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_nothing_outlives_a_test_process_that_is_killed(
    own: Callable[..., subprocess.Popen[str]], cache: Path, number: signal.Signals
) -> None:
    """The reaper sees the end of its stdin, stops PostgreSQL and removes the folder."""
    owner = own(cache)
    folder = Path(line_of(owner))
    everything = processes_below(owner.pid)

    owner.send_signal(number)

    wait_gone(everything, folder)


def test_nothing_outlives_a_test_process_whose_fork_lives_on(
    own: Callable[..., subprocess.Popen[str]], cache: Path
) -> None:
    """Such a child holds the reaper's stdin open; the reaper sees that it has another parent."""
    owner = own(cache, fork="fork")
    folder = Path(line_of(owner))
    (supervisor,) = [each for each in processes_below(owner.pid) if str(folder) in each.cmdline()]
    everything = [supervisor, *supervisor.children(recursive=True)]

    owner.kill()

    wait_gone(everything, folder)


def test_nothing_outlives_a_test_process_that_is_killed_during_initdb(
    own: Callable[..., subprocess.Popen[str]],
) -> None:
    """The reaper is there before the first file is."""
    owner = own(None)
    found: list[psutil.Process] = []

    def initdb_runs() -> bool:
        found[:] = processes_below(owner.pid)
        with contextlib.suppress(psutil.NoSuchProcess):  # one that has ended since it was found
            return any("initdb" in each.name() for each in found)
        return False

    wait_until(initdb_runs, seconds=SECONDS, pause=0.001)
    folder = Path(found[0].cmdline()[4])
    assert folder.is_dir()
    owner.kill()

    wait_gone(found, folder)


def test_a_ctrl_c_leaves_postgresql_to_those_who_still_need_it(
    own: Callable[..., subprocess.Popen[str]], cache: Path
) -> None:
    """SIGINT to the whole group reaches the test process alone; PostgreSQL runs until it is stopped in its turn."""
    owner = own(cache)
    folder = Path(line_of(owner))
    everything = processes_below(owner.pid)
    assert owner.pid not in {os.getpgid(each.pid) for each in everything}

    os.killpg(owner.pid, signal.SIGINT)

    assert line_of(owner) == "alive"
    wait_gone(everything, folder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_reaper_that_is_told_to_stop_takes_postgresql_along(
    start: Callable[..., Postgres], number: signal.Signals
) -> None:
    """However the reaper ends in good order, it cleans up."""
    server = start()
    supervisor = reaper_of(server)
    below = supervisor.children(recursive=True)

    supervisor.send_signal(number)

    wait_gone(below, server.socket_folder)


@ON_LINUX
def test_a_reaper_that_is_killed_takes_postgresql_along_and_the_next_removes_the_folder(
    start: Callable[..., Postgres],
) -> None:
    """The kernel stops PostgreSQL; the folder is nobody's, and swept once it is not brand-new."""
    dead, living = start(), start()
    supervisor = reaper_of(dead)
    below = supervisor.children(recursive=True)
    supervisor.kill()
    wait_until(lambda: not any(lives(each) for each in below), seconds=SECONDS)
    assert dead.socket_folder.exists()
    for each in (dead, living):
        os.utime(each.socket_folder, (0, 0))

    start()

    wait_until(lambda: not dead.socket_folder.exists(), seconds=SECONDS)
    assert living.socket_folder.exists()


def test_a_folder_that_is_gone_already_is_no_obstacle(start: Callable[..., Postgres]) -> None:
    """Somebody cleaned up too early: the processes end all the same."""
    server = start()
    supervisor = reaper_of(server)
    everything = [supervisor, *supervisor.children(recursive=True)]
    shutil.rmtree(server.socket_folder, ignore_errors=True)

    server.stop()

    wait_gone(everything, server.socket_folder)


def test_a_folder_in_the_making_is_not_swept(tmp_path: Path) -> None:
    """Between its making and its claim a folder looks like one of the dead."""
    (tmp_path / "afterawait-new").mkdir()

    reaper.sweep(str(tmp_path), "afterawait-")

    assert (tmp_path / "afterawait-new").exists()
