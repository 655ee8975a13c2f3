"""What a process makes of AFTERAWAIT_DROP, and what it leaves there. Test process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from afterawait.services import deliveries
from e2e.selftests.elsewhere_server import server
from e2e.selftests.project import TIMEOUT, environment


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """A folder for a server to write to."""
    folder = tmp_path / "drop"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ("missing", "there is no such folder: mount one"),
        ("no source", "AFTERAWAIT_SOURCE is not set"),
        ("no package", "AFTERAWAIT_SOURCE names nothing: no folder of"),
    ],
)
def test_a_drop_that_cannot_be_used_is_said_once_and_harms_nothing(drop: Path, there: str, said: str) -> None:
    """On standard error, by the first process alone; the program and what it starts run on."""
    source = {"missing": "shop", "no source": "", "no package": "nothing"}[there]
    top = drop / "nowhere" if there == "missing" else drop
    program = "import subprocess, sys\nprint('runs')\nsubprocess.run([sys.executable, '-c', 'print(1 + 1)'])"

    done = subprocess.run(
        [sys.executable, "-uc", program],
        cwd=drop,
        env=environment({"AFTERAWAIT_DROP": str(top), "AFTERAWAIT_SOURCE": source}),
        capture_output=True,
        text=True,
        check=True,
        timeout=TIMEOUT,
    )

    assert done.stdout == "runs\n2\n"
    assert done.stderr.count(said) == 1, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not list(drop.glob("measured-*"))


def test_without_a_source_the_settings_of_the_project_say_what_is_measured(drop: Path) -> None:
    """An image that has the pyproject.toml needs one variable."""
    server(drop, AFTERAWAIT_SOURCE="").communicate("", timeout=TIMEOUT)

    [delivered] = deliveries.within(drop)
    assert deliveries.read(delivered).source == (str(drop.parent / "there/src/shop"),)


def test_a_program_that_runs_nothing_measured_leaves_nothing(drop: Path) -> None:
    """A container's health check has its environment, and comes every few seconds."""
    (drop / "shop").mkdir()

    subprocess.run(
        [sys.executable, "-c", "import socket"],
        cwd=drop,
        env=environment({"AFTERAWAIT_DROP": str(drop), "AFTERAWAIT_SOURCE": "shop"}),
        check=True,
        timeout=TIMEOUT,
    )

    assert {each.name for each in drop.iterdir()} == {"shop", "key"}


def test_whatever_the_umask_others_may_read_what_is_left(drop: Path) -> None:
    """The user of a container is not the one who runs the tests."""
    before = os.umask(0o077)
    try:
        server(drop, AFTERAWAIT_KEY="").communicate("", timeout=TIMEOUT)  # it makes one
    finally:
        os.umask(before)

    [delivered] = drop.glob("measured-*")
    assert delivered.stat().st_mode & 0o777 == 0o755
    needed = [path for pattern in deliveries.COPIED for path in delivered.glob(pattern)]
    assert len(needed) == 4
    assert all(each.stat().st_mode & 0o444 == 0o444 for each in [*needed, drop / "key"])
