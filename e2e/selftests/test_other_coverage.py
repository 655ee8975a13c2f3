"""Nobody else writes in a run's folder: another coverage.py has data of its own, or is refused by its name."""

from __future__ import annotations

import re

from e2e.selftests.toy_projects import Toy, is_whole


def test_another_coverage_has_data_of_its_own_and_takes_none_of_the_runs(toy: Toy) -> None:
    """A test's, `coverage run`'s and its erase and combine, pytest-cov's, one with a COVERAGE_FILE."""
    project = toy("twice")

    ended = project.run()

    is_whole(ended, "shop")
    assert "failed" not in ended.output
    files = [path.name for path in project.run_folder.iterdir() if path.name.startswith(".coverage")]
    assert all(re.fullmatch(r"\.coverage(\..*\.pid\d+\..*)?", name) for name in files), files
    assert not list(project.root.glob(".coverage.*"))


def test_one_that_measures_the_application_in_the_runs_place_is_named(toy: Toy) -> None:
    """Its lines are in the data of that one alone."""
    project = toy("twice")

    ended = project.run(env={"BOTH": "1"})

    assert ended.status == 3, ended.output
    assert re.search(r"In the child process \d+ .*another coverage\.py was started, by `coverage run`", ended.output)
    assert "price.py" in ended.output
