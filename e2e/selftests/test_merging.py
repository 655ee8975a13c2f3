"""However a run is split over processes and machines, the merged coverage is the same: line for line, arc for arc."""

from __future__ import annotations

import pytest

from e2e.selftests.project import Project


@pytest.mark.lowest
@pytest.mark.parametrize(
    "arguments", [("--workers", "2"), ("-n", "2"), ("-n", "2", "--workers", "2")], ids=["workers", "xdist", "both"]
)
def test_worker_processes_change_nothing(
    project: Project, finished_with_session: Project, arguments: tuple[str, ...]
) -> None:
    """uvicorn's workers, pytest-xdist's, or both: the same arcs as a plain run."""
    ended = project.with_session().run(*arguments)

    assert ended.status == 0, ended.output
    assert project.arcs() == finished_with_session.arcs()
    assert any(project.arcs().values())


def test_options_are_known_wherever_the_tests_lie(project: Project) -> None:
    """pytest reads a conftest.py two folders down only after the command line; `--workers 2` must not wait for it."""
    (project.root / "deep").mkdir()
    (project.root / "tests").rename(project.root / "deep" / "tests")
    project.replace("pyproject.toml", '["tests"]', '["deep/tests"]')

    ended = project.run("--workers", "2")

    assert ended.status == 0, ended.output
    assert "serving processes: 2" in ended.output
    assert "measurement  coverage.py and the witness agree on 30 of 30 lines in 2 files, 2 processes" in ended.output


def test_a_shard_whose_tests_failed_fails_the_combination(project: Project) -> None:
    """The last job repeats what a shard found: nobody reads all logs."""
    project.replace("tests/test_toy.py", '"from a thread"', '"from nowhere"')
    assert project.run().status == 1

    ended = project.run(".afterawait/latest", module="combine")

    assert ended.status == 1, ended.output


def test_a_folder_without_a_run_is_refused(project: Project) -> None:
    """An artifact without its hidden files holds no run."""
    (project.root / "empty").mkdir()

    ended = project.run("empty", module="combine")

    assert ended.status == 4, ended.output
    assert "holds no run" in ended.output


@pytest.mark.parametrize("text", ["{", "[]", '{"root": "/"}', '{"root": 3, "sources": {}}'])
def test_an_unreadable_manifest_is_named(judged: Project, text: str) -> None:
    """A run folder whose manifest is damaged is left out, and the combination is not believed."""
    (judged.run_folder / "run.json").write_text(text)

    ended = judged.run(".afterawait/latest", module="combine")

    assert ended.status == 3, ended.output
    assert "run.json cannot be read" in ended.output


def test_the_canary_is_in_no_report(judged: Project) -> None:
    """It proves the measurement and is no part of it."""

    for name in ("coverage.json", "coverage.xml", "coverage.lcov", "htmlcov/index.html"):
        assert "_afterawait_canary" not in (judged.root / name).read_text()
