"""Each measures something by a coverage.py of its own, deletes what it takes for old data, and finds its own."""

import os
import subprocess
import sys
from pathlib import Path

import coverage
import pytest


def call(*words, **variables):
    return subprocess.run(
        [sys.executable, "-m", *words], env=os.environ | variables, check=True, capture_output=True, text=True
    ).stdout


def test_page(http):
    assert http.get("/").text == "3"


def test_in_this_process():
    own = coverage.Coverage(config_file=False)
    own.erase()
    own.start()
    own.stop()
    own.save()
    assert Path(".coverage").exists()
    own.erase()


def test_coverage_run():
    call("coverage", "erase")
    call("coverage", "run", "-p", "other.py")
    call("coverage", "combine")
    assert "other.py" in call("coverage", "report")
    call("coverage", "erase")


def test_a_data_file_of_its_own(tmp_path):
    file = tmp_path / "data"
    call("coverage", "run", "other.py", COVERAGE_FILE=str(file))
    assert file.exists()
    call("shop.price", COVERAGE_FILE=str(tmp_path / "another"))
    assert not list(tmp_path.glob("another*"))


def test_pytest_cov():
    pytest.importorskip("pytest_cov")
    call("pytest", "--cov=other", "unit.py", "-p", "no:cacheprovider", "-p", "no:xprocess")


@pytest.mark.skipif("BOTH" not in os.environ, reason="refused")
def test_coverage_run_of_the_shop():
    call("coverage", "run", "--source=shop", "-m", "shop.price")
