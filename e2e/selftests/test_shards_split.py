"""pytest-split's groups are shards like our own: they are put together by what pytest-split was told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from e2e.selftests import same_result
from e2e.selftests.project import FEWER_PLUGINS, Project
from e2e.selftests.test_shards import combined

pytest.importorskip("pytest_split")
WITH_IT = {"PYTEST_ADDOPTS": FEWER_PLUGINS["PYTEST_ADDOPTS"].replace(" -p no:pytest-split", "")}
AND_ANY_ORDER = {"PYTEST_ADDOPTS": WITH_IT["PYTEST_ADDOPTS"].replace("-p no:randomly ", "")}


def test_a_group_of_pytest_split_is_a_shard(project: Project) -> None:
    """It says so, with the tests that it was chosen from, and its own; alone it gates nothing."""
    ended = project.run("--splits", "2", "--group", "1", env=WITH_IT)

    said = json.loads((project.run_folder / "run.json").read_text())
    assert ended.status == 0, ended.output
    assert "no gate: shard 2/2 is not among them" in ended.output
    assert (said["shard"], said["partial"], said["divided_of"]["tests"]) == ([1, 2], "", 3)
    assert said["share"] == ["tests/test_toy.py::test_count", "tests/test_toy.py::test_double"]


def test_tests_that_are_divided_twice_are_refused(project: Project) -> None:
    """A share of a share would be nobody's."""
    ended = project.run("--splits", "2", "--group", "1", "--shard", "1/2", env=WITH_IT)

    assert ended.status == 4, ended.output
    assert "The tests are divided twice: by --shard, and by pytest-split's --splits and --group." in ended.output


@pytest.mark.full
@pytest.mark.timeout(300)
@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_its_groups_add_up_to_exactly_the_undivided_run(count: int, finished: Project, tmp_path: Path) -> None:
    """With test processes, too, and with more groups than tests."""
    statuses = []
    for index in range(1, count + 1):
        shard = Project(tmp_path / f"machine {index}" / "checkout")
        options = ["-n", "2"] if index == 1 else []
        ended = shard.run("--splits", str(count), "--group", str(index), *options, env=WITH_IT)
        statuses.append(ended.status)
        shutil.copytree(shard.root / ".afterawait/runs", tmp_path / "artifacts" / f"shard-{index}")

    project, ended = combined(tmp_path / "here", tmp_path / "artifacts")

    assert statuses == [0] * count
    assert ended.status == 0, ended.output
    assert same_result.everything(project, ended) == same_result.everything(finished, finished.ended)


@pytest.mark.full
@pytest.mark.timeout(120)
def test_groups_of_tests_in_different_orders_do_not_add_up(project: Project, tmp_path: Path) -> None:
    """pytest-split divides them as they come: with an order of its own each job would leave some tests to nobody."""
    for index, seed in ((1, "1"), (2, "4")):
        options = ("--splits", "2", "--group", str(index), "-p", "randomly", f"--randomly-seed={seed}")
        assert project.run(*options, env=AND_ANY_ORDER).status == 0, project.ended.output
        shutil.copytree(project.run_folder, tmp_path / "artifacts" / f"shard-{index}")

    _, ended = combined(tmp_path / "here", tmp_path / "artifacts")

    assert ended.status == 3, ended.output
    assert "The shards do not add up: 1 of 3 tests is in no shard" in ended.output
