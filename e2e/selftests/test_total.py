"""`afterawait combine --also FILE`: a total with the unit tests' data, which judges and gates nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.selftests.project import TIMEOUT, Project
from e2e.selftests.toy_projects import copies

UNIT = """
[run]
branch = {branch}
source = shop
relative_files = {relative}
"""
# Runs what no request of the toy's tests reaches.
PROGRAM = """
import sys
sys.path.insert(0, "src")
import shop.unused
"""


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with a module that only its unit tests run; its gate is one that the end-to-end tests alone miss."""
    with copies(tmp_path_factory.mktemp("total")) as toy:
        project = toy("src_layout", fail_under=100)
        project.write("src/shop/unused.py", "ONE = 1\nTWO = 2\n")
        project.write("unit.py", PROGRAM)
        assert project.run().status == 2
        yield project


@pytest.fixture
def shop(tested: Project, tmp_path: Path) -> Iterator[Project]:
    """The same after its run, for one test."""
    project = tested.copied(tmp_path / "a toy")
    yield project
    project.close()


def unit_tests(project: Project, *, branch: bool = True, relative: bool = False) -> Path:
    """Measure the unit tests as their people do."""
    project.write(".unitrc", UNIT.format(branch=branch, relative=relative))
    command = [sys.executable, "-m", "coverage", "run", "--rcfile=.unitrc", "unit.py"]
    subprocess.run(command, cwd=project.root, env=project.environment(), check=True, timeout=TIMEOUT)
    return project.root / ".coverage"


@pytest.mark.parametrize("relative", [False, True], ids=["absolute", "relative"])
def test_the_total_has_both_and_gates_nothing(shop: Project, relative: bool) -> None:
    """The gate looks at the run alone; the file is as it was."""
    file = unit_tests(shop, relative=relative)
    before = file.read_bytes()

    ended = shop.run(".afterawait/latest", "--also", ".coverage", module="combine")

    latest = shop.root / ".afterawait" / "latest"
    total = json.loads((latest / "total" / "coverage.json").read_text())["files"]
    alone = json.loads((latest / "coverage.json").read_text())["files"]
    assert ended.status == 2, ended.output
    assert "with .coverage: not judged, no gate" in ended.output
    assert alone["src/shop/unused.py"]["summary"]["percent_covered"] == 0
    assert total["src/shop/unused.py"]["summary"]["percent_covered"] == 100
    assert total["src/shop/main.py"] == alone["src/shop/main.py"] | total["src/shop/main.py"]
    assert set(total) == {name for name in alone if name.startswith("src/")}
    assert (latest / "total" / "htmlcov" / "index.html").is_file()
    assert file.read_bytes() == before
    assert sorted(each.name for each in shop.root.glob(".coverage*")) == [".coverage"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("lines", "--also .coverage has lines alone, and the run has branches: they cannot be added."),
        ("folder", "is a directory"),
        ("absent", "does not exist"),
        ("text", "--also .coverage cannot be read as coverage data"),
        ("nothing", "--also .coverage cannot be read as coverage data: it is empty."),
    ],
)
def test_what_cannot_be_added_is_refused_before_anything_is_made(shop: Project, wrong: str, said: str) -> None:
    """With a sentence, status 4, the last reports as they were and the file untouched."""
    file = shop.root / ".coverage"
    if wrong == "lines":
        unit_tests(shop, branch=False)
    elif wrong == "folder":
        file.mkdir()
    elif wrong in {"text", "nothing"}:
        file.write_text("<coverage>" * 200 * (wrong == "text"))
    before = file.read_bytes() if file.is_file() else b""
    latest = (shop.root / ".afterawait" / "latest").readlink()

    ended = shop.run(".afterawait/latest", "--also", ".coverage", module="combine")

    assert ended.status == 4, ended.output
    assert said in " ".join(ended.output.split())
    assert "Traceback" not in ended.output
    assert (shop.root / ".afterawait" / "latest").readlink() == latest
    assert (file.read_bytes() if file.is_file() else b"") == before
