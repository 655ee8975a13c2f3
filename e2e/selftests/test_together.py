"""With -n, the tests of named files stay on one test process; the names are those of files. Test process."""

from __future__ import annotations

from pathlib import Path

from e2e.selftests.conftest import SHARING
from e2e.selftests.plain_pytest import Somebodys
from e2e.selftests.project import ROOT
from e2e.tests.conftest import OWN_SERVERS

CONFTEST = """\
from e2e.together import ModulesTogether


def pytest_xdist_make_scheduler(config, log):
    return ModulesTogether(config, log, ["test_together.py"])
"""
TESTS = """\
import pathlib
import time

import pytest


@pytest.mark.parametrize("number", range(6))
def test_it(number, worker_id):
    name = pathlib.Path(__file__).stem
    pathlib.Path(f"{name}-{number}-{worker_id}").touch()
    deadline = time.monotonic() + 20
    while name == "test_together" and not list(pathlib.Path().glob("test_apart-*")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
"""


def test_tests_of_a_named_file_run_on_one_process_and_others_on_any(tmp_path: Path) -> None:
    """While one process is busy with them, another runs the others."""
    project = Somebodys(tmp_path / "somebody's", toy=None)
    for name, text in {"conftest.py": CONFTEST, "test_apart.py": TESTS, "test_together.py": TESTS}.items():
        project.write(name, text)

    ended = project.pytest("-n", "2")

    project.close()
    assert "12 passed" in ended.output, ended.output
    assert len({each.name.split("-")[2] for each in project.root.glob("test_together-*")}) == 1


def test_each_file_that_is_named_exists() -> None:
    """A new name would undo it without a word."""
    assert all((ROOT / "e2e/tests" / each).is_file() for each in OWN_SERVERS)
    assert all((ROOT / "e2e/selftests" / each).is_file() for each in SHARING)
