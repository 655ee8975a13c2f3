"""Owners of a private PostgreSQL: this process, or one that is there to be killed. Test process of the selftests.

A test module takes the fixtures over by name: `start = postgres_owner.start`; `start` needs `cache` beside it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from afterawait.databases.cluster import Postgres
from afterawait.processes.polling import wait_until

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30.0
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")

# A test process in small: starts a PostgreSQL, says where, and holds it until it is killed.
OWNER = """
import os, signal, sys, time
from pathlib import Path
from afterawait.databases.cluster import Postgres
signal.signal(signal.SIGINT, signal.default_int_handler)
server = Postgres(cache=Path(sys.argv[1]) if sys.argv[1] else None, pg_bin=sys.argv[2] or None)
if sys.argv[3] and os.fork() == 0:
    signal.pause()
try:
    print(server.socket_folder, flush=True)
    while True:  # a signal just before a sleep interrupts the next one
        time.sleep(0.05)
except KeyboardInterrupt:
    print("alive" if not server._folder.ended() else "gone", flush=True)
    server.stop()
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where most tests find a data folder that initdb made already."""
    path = tmp_path_factory.mktemp("cache")
    yield path
    shutil.rmtree(path)


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Path]:
    """A folder for what is too large to be kept after the test."""
    path = tmp_path / "large"
    path.mkdir()
    yield path
    shutil.rmtree(path)


@pytest.fixture
def start(cache: Path) -> Iterator[Callable[..., Postgres]]:
    """Start PostgreSQLs that are stopped after the test."""
    started: list[Postgres] = []

    def start(**options: object) -> Postgres:
        started.append(Postgres(**({"cache": cache} | options)))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for each in started:
        each.stop()


@pytest.fixture
def own() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start processes that own a PostgreSQL, in a session of their own."""
    owners: list[subprocess.Popen[str]] = []

    def own(
        cache: Path | None,
        *,
        python: Path = Path(sys.executable),
        pg_bin: Path | str = "",
        fork: str = "",
        **options: object,
    ) -> subprocess.Popen[str]:
        command = [python, "-c", OWNER, str(cache or ""), str(pg_bin), fork]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        owner = subprocess.Popen(  # type: ignore[call-overload]
            command, env=environment, cwd="/", stdout=subprocess.PIPE, text=True, start_new_session=True, **options
        )
        owners.append(owner)
        return owner  # type: ignore[no-any-return]

    yield own
    for owner in owners:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(owner.pid, signal.SIGKILL)
        owner.communicate()


def line_of(owner: subprocess.Popen[str]) -> str:
    """What it says next."""
    assert owner.stdout is not None
    return owner.stdout.readline().strip()


def processes_below(pid: int) -> list[psutil.Process]:
    """All that this process started, directly or not."""
    return psutil.Process(pid).children(recursive=True)


def reaper_of(server: Postgres) -> psutil.Process:
    """The reaper of a server that this process started."""
    folder = str(server.socket_folder)
    (found,) = [each for each in psutil.Process().children() if folder in each.cmdline()]
    return found


def lives(process: psutil.Process) -> bool:
    """Whether it runs; one that waits to be reaped, by whoever inherited it, does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_gone(processes: list[psutil.Process], folder: Path) -> None:
    """Wait until neither is left."""
    assert processes
    wait_until(lambda: not any(lives(each) for each in processes) and not folder.exists(), seconds=SECONDS)
