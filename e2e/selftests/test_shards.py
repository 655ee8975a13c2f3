"""Shards of a run add up to exactly what it says undivided; one that is missing, twice or foreign is named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from e2e.selftests import same_result
from e2e.selftests.project import FEWER_PLUGINS, Ended, Project

IN_ANY_ORDER = {"PYTEST_ADDOPTS": FEWER_PLUGINS["PYTEST_ADDOPTS"].replace("-p no:randomly ", "")}
HOW: dict[int, tuple[str, ...]] = {1: ("-n", "2"), 2: ("--workers", "2"), 4: ("-n", "2")}
"""By the number of a shard, how its tests are spread besides."""


def divided(into: Path, count: int, how: dict[int, tuple[str, ...]], *options: str) -> list[Ended]:
    """A run in `count` shards, each in a checkout of its own; what they left is in `artifacts`."""
    found = []
    for index in range(1, count + 1):
        shard = Project(into / f"machine {index}" / "checkout")
        options_of_one = [*how.get(index, ()), *options]
        found.append(shard.run("--shard", f"{index}/{count}", *options_of_one, env=IN_ANY_ORDER))
        shutil.copytree(shard.root / ".afterawait/runs", into / "artifacts" / f"shard-{index}")
        shutil.rmtree(shard.root)
    return found


def combined(root: Path, artifacts: Path, *numbers: int) -> tuple[Project, Ended]:
    """A checkout that combines these shards, all without a number."""
    project = Project(root)
    names = [f"shard-{number}" for number in numbers] or [each.name for each in artifacts.iterdir()]
    for name in names:
        shutil.copytree(artifacts / name, project.root / "artifacts" / name)
    return project, project.run("artifacts", module="combine")


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Artifacts of four shards of three tests."""
    into = tmp_path_factory.mktemp("four")
    ended = divided(into, 4, HOW)
    assert [each.status for each in ended] == [0] * 4, "\n".join(each.output for each in ended)
    assert "no gate: shards 2/4, 3/4, 4/4 are not among them" in ended[0].output
    assert "4/4 has no test (of 3 in all): there is nothing to report" in ended[3].output
    return into / "artifacts"


@pytest.mark.lowest
def test_shards_add_up_to_exactly_the_undivided_run(four: Path, finished: Project, tmp_path: Path) -> None:
    """Lines, arcs, contexts, table, gate, and who ran what; with test processes, workers, any order, an empty share."""
    project, ended = combined(tmp_path / "here", four)

    assert ended.status == 0, ended.output
    assert "toy 100.00 % of lines and branches: the gate is passed" in ended.output
    assert same_result.everything(project, ended) == same_result.everything(finished, finished.ended)


@pytest.mark.full
@pytest.mark.timeout(300)
@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_any_number_of_shards_adds_up(count: int, finished: Project, tmp_path: Path) -> None:
    """One too, and more than there are tests."""
    ended_each = divided(tmp_path, count, {})
    project, ended = combined(tmp_path / "here", tmp_path / "artifacts")

    assert [each.status for each in ended_each] == [0] * count, "\n".join(each.output for each in ended_each)
    assert ended.status == 0, ended.output
    assert same_result.everything(project, ended) == same_result.everything(finished, finished.ended)


def test_a_missing_shard_is_named_and_nothing_gates(four: Path, tmp_path: Path) -> None:
    """The others reach less: that says nothing about the application, and is no success either."""
    _, ended = combined(tmp_path / "here", four, 1, 3, 4)

    assert ended.status == 3, ended.output
    assert "no gate: shard 2/4 is not among them" in ended.output
    assert "measurement (3): Shard 2/4 is not among these runs." in ended.output


def test_a_missing_empty_shard_is_missing(four: Path, tmp_path: Path) -> None:
    """Nobody can know that it would have been empty: its job may have failed."""
    _, ended = combined(tmp_path / "here", four, 1, 2, 3)

    assert ended.status == 3, ended.output
    assert "measurement (3): Shard 4/4 is not among these runs." in ended.output


def test_a_shard_of_which_only_the_manifest_is_left_is_no_shard_without_a_server(four: Path, tmp_path: Path) -> None:
    """Its tests asked for one, most likely: a process that says so of itself is missing."""
    artifacts = tmp_path / "artifacts"
    shutil.copytree(four, artifacts)
    for path in [each for each in artifacts.glob("shard-2/*/*") if each.is_file() and each.name != "run.json"]:
        path.unlink()

    _, ended = combined(tmp_path / "here", artifacts)

    assert ended.status == 3, ended.output
    assert "No server was started in this run." in ended.output


def test_a_doubled_shard_is_named_and_nothing_gates(four: Path, tmp_path: Path) -> None:
    """As where the artifact of a job that was run again lies beside that of its first run."""
    artifacts = tmp_path / "artifacts"
    shutil.copytree(four, artifacts)
    shutil.copytree(four / "shard-2", artifacts / "again")

    project, ended = combined(tmp_path / "here", artifacts)

    assert ended.status == 3, ended.output
    assert "no gate: shard 2/4 is there twice" in ended.output
    [first] = (project.root / "artifacts/again").iterdir()
    [second] = (project.root / "artifacts/shard-2").iterdir()
    places = ", ".join(str(each.relative_to(project.root)) for each in (first, second))
    assert f"measurement (3): Shard 2/4 is there twice: in {places}." in ended.output


def test_a_folder_that_is_given_twice_is_one(four: Path, tmp_path: Path) -> None:
    """By its own name, and as one of a folder's; by a link, too."""
    project, _ = combined(tmp_path / "here", four)
    (project.root / "link").symlink_to("artifacts/shard-1")

    ended = project.run("artifacts", "artifacts/shard-2", "link", module="combine")

    assert ended.status == 0, ended.output
    assert "the gate is passed" in ended.output


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"shard": [2, 5]}, "it is one of 5, the other one of 4"),
        ({"divided_of": {"tests": 2, "names": "x", "files": "y"}}, "it chose from 2 tests, the other from 3"),
        ({"divided_of": {"tests": 3, "names": "x", "files": "y"}}, "both chose from 3 tests, whose names differ"),
        ({"python": "3.99"}, "2/4 by Python 3.99 on linux"),
    ],
    ids=["number", "fewer tests", "other tests", "python"],
)
def test_a_shard_of_another_run_is_named(four: Path, tmp_path: Path, change: dict[str, object], named: str) -> None:
    """Of another commit, another selection, another division or another Python."""
    artifacts = tmp_path / "artifacts"
    shutil.copytree(four, artifacts)
    [manifest] = artifacts.glob("shard-2/*/run.json")
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | change))

    _, ended = combined(tmp_path / "here", artifacts)

    assert ended.status == 3, ended.output
    assert "no gate: " in ended.output
    assert named in ended.output


def test_a_selection_that_finds_nothing_stays_a_fault(project: Project) -> None:
    """In a shard as in an undivided run: there is a difference between no share and no test."""
    ended = project.run("--shard", "1/2", "-k", "nothing_is_called_so")

    assert ended.status == 4, ended.output
    assert "No tests were found." in ended.output


def test_a_module_that_cannot_be_collected_fails_every_shard(project: Project) -> None:
    """One without a test, too: what its share would have been nobody knows."""
    project.write("tests/test_broken.py", "import nothing_of_that_name\n")

    ended = project.run("--shard", "9/9")

    assert ended.status == 1, ended.output
    assert "tests/test_broken.py cannot be collected" in ended.output


def test_tests_without_a_server_may_be_a_shard(project: Project) -> None:
    """A server is wanted in one of all shards, not in each."""
    project.write("tests/test_aside.py", "def test_arithmetic():\n    assert 1 + 1 == 2\n")

    ended = project.run("--shard", "1/4")

    assert ended.status == 0, ended.output
    assert "no test of 1/4 asked for a server: there is nothing to report" in ended.output


def test_shards_none_of_which_has_a_server_are_no_measurement(project: Project) -> None:
    """As an undivided run of them would be none."""
    project.write("tests/test_toy.py", "def test_one():\n    assert 1\n")

    ended = project.run("--shard", "1/1")

    assert ended.status == 3, ended.output
    assert "No server was started in this run." in ended.output
