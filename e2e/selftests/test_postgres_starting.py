"""A private PostgreSQL starts wherever it can: as whom, in which folders, with which settings."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from afterawait.databases import binaries, cluster, place
from afterawait.databases.cluster import Postgres
from afterawait.faults import EnvironmentFault
from e2e.selftests import postgres_owner
from e2e.selftests.postgres_owner import AS_ROOT, ROOT, line_of, processes_below, reaper_of, wait_gone

cache = postgres_owner.cache
large = postgres_owner.large
start = postgres_owner.start
own = postgres_owner.own


def open_to_all(path: Path) -> bool:
    """Whether another user could get there."""
    real = path.resolve()
    return all(each.stat().st_mode & 0o001 for each in (real, *real.parents))


@AS_ROOT
def test_root_runs_it_as_somebody_else(start: Callable[..., Postgres]) -> None:
    """PostgreSQL refuses root; its processes are another user's, without root's groups."""
    (postmaster,) = reaper_of(start()).children()

    assert set(postmaster.uids()) & {0} == set()
    assert set(postmaster.gids()) & {0} == set()
    if sys.platform == "linux":  # nothing else says so
        assert Path(f"/proc/{postmaster.pid}/status").read_text().split("Groups:")[1].splitlines()[0].strip() == ""


@AS_ROOT
def test_a_user_who_is_not_root_runs_it_as_himself(own: Callable[..., subprocess.Popen[str]]) -> None:
    """The ordinary case, where the tests of this project run as root."""
    persona = binaries.persona()
    assert persona is not None
    wheel = binaries.find(None, None).folder
    python = next((each for each in (Path(sys.executable), Path("/usr/bin/python3")) if open_to_all(each)), None)
    if not python or not open_to_all(ROOT) or not open_to_all(wheel):
        pytest.skip("Python, its packages or the checkout lie where other users can't read")

    owner = own(None, python=python, pg_bin=wheel, user=persona.uid, group=persona.gid, extra_groups=[])
    folder = Path(line_of(owner))
    everything = processes_below(owner.pid)
    assert {each.uids().real for each in everything} == {persona.uid}
    owner.kill()

    wait_gone(everything, folder)


def test_two_servers_run_at_once(start: Callable[..., Postgres]) -> None:
    """Nothing is shared: stopping one leaves the other."""
    one, other = start(), start()

    one.stop()

    assert (other.socket_folder / ".s.PGSQL.5432").is_socket()
    assert reaper_of(other).children()


def test_nothing_of_the_measurement_reaches_postgresql(
    start: Callable[..., Postgres], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the reaper nor PostgreSQL is to be measured."""
    monkeypatch.setenv("COVERAGE_PROCESS_START", str(ROOT / ".coveragerc"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    supervisor = reaper_of(start())

    for each in (supervisor, *supervisor.children(recursive=True)):
        assert not {"COVERAGE_PROCESS_START", "PYTHONPATH"} & each.environ().keys()


@pytest.mark.parametrize(("tcp", "addresses"), [(False, set()), (True, {"127.0.0.1"})])
def test_it_listens_on_this_machine_alone_and_only_if_asked(
    start: Callable[..., Postgres], tcp: bool, addresses: set[str]
) -> None:
    """A Unix socket, and a port on 127.0.0.1 for applications that can do without only that."""
    supervisor = reaper_of(start(tcp=tcp))

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


def test_where_no_folder_is_in_memory_the_disk_will_do(
    start: Callable[..., Postgres], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A filesystem in memory is Linux's, and so is the word for one that runs no programs."""
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(place, "MEMORY", Path("/nonexistent"))
    monkeypatch.delattr(os, "ST_NOEXEC", raising=False)

    server = start()

    assert server.socket_folder.parent == Path(tempfile.gettempdir()).resolve()
    assert (server.socket_folder / ".s.PGSQL.5432").is_socket()


def test_without_a_folder_to_run_in_each_is_named_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among them those where a socket's path would be too long."""
    monkeypatch.setattr(place, "SOCKET_LIMIT", 10)

    with pytest.raises(EnvironmentFault, match="no folder to run PostgreSQL in") as fault:
        place.find(None, programs=False)

    assert f"  {Path(tempfile.gettempdir()).resolve()}: too long for a Unix socket's path" in fault.value.detail
    assert "TMPDIR" in fault.value.hint


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
    monkeypatch.setitem(cluster.SETTINGS, "shared_buffers", "nonsense")

    with pytest.raises(EnvironmentFault, match="did not start") as fault:
        start()

    assert 'invalid value for parameter "shared_buffers"' in str(fault.value)
