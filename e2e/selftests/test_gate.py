"""The gate: the application alone, and only on a whole run."""

from __future__ import annotations

import pytest

from e2e.selftests.project import Project

LEAVE_ONE_OUT = ("/count?double=1", "/count")


def test_an_application_under_fail_under_exits_2(project: Project) -> None:
    """A branch that no test took is named in the table and fails the run."""
    project.replace("tests/test_toy.py", *LEAVE_ONE_OUT)
    project.replace("tests/test_toy.py", '"2"', '"1"')

    ended = project.run()

    assert ended.status == 2, ended.output
    assert "coverage (2): toy 9" in ended.output
    assert "under fail_under = 100" in ended.output


def test_dead_test_code_shows_and_does_not_gate(project: Project) -> None:
    """Tests are measured: what never runs in them is in the table, and the gate is the application's."""
    project.write("tests/test_zz.py", "def helper():\n    return 1\n")

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "tests/test_zz.py" in ended.output
    assert "50.00%" in ended.output


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("-k", "thread"), "tests were selected (keyword)"),
        (("tests/test_toy.py",), "tests were selected (tests/test_toy.py)"),
        (("--deselect", "tests/test_toy.py::test_double"), "tests were selected (deselect)"),
        (("--shard", "1/2"), "shard 2/2 is not among them"),
    ],
    ids=["keyword", "path", "deselect", "shard"],
)
def test_a_selected_run_reports_and_never_gates(project: Project, arguments: tuple[str, ...], reason: str) -> None:
    """Part of the tests says nothing about what all of them reach."""
    ended = project.run(*arguments)

    assert ended.status == 0, ended.output
    assert f"no gate: {reason}" in ended.output


def test_a_run_that_stopped_early_never_gates(project: Project) -> None:
    """With -x the first failure ends the run: the status is the tests', and the coverage is partial."""
    project.replace("tests/test_toy.py", '"1"', '"0"')

    ended = project.run("-x")

    assert ended.status == 1, ended.output
    assert "no gate: it was cut short" in ended.output


def test_failing_tests_come_before_missing_coverage(project: Project) -> None:
    """Both are said, and the status is the tests'."""
    project.replace("tests/test_toy.py", *LEAVE_ONE_OUT)

    ended = project.run()

    assert ended.status == 1, ended.output
    assert "tests (1): Tests failed." in ended.output
    assert "coverage (2): toy" in ended.output


def test_only_failed_tests_of_last_time_never_gate(project: Project) -> None:
    """--lf leaves tests out before they are collected."""
    project.replace("tests/test_toy.py", '"from a thread"', '"from nowhere"')
    assert project.run().status == 1
    project.replace("tests/test_toy.py", '"from nowhere"', '"from a thread"')

    ended = project.run("--lf")

    assert ended.status == 0, ended.output
    assert "no gate: tests were selected (lf)" in ended.output


def test_a_cause_that_is_known_is_said_once_with_its_evidence_and_nothing_gates(project: Project) -> None:
    """The witness is not accused of what the tracer invented, and no percentage passes that cannot be believed."""
    project.with_session().replace(".coveragerc", "${AFTERAWAIT_CONCURRENCY-greenlet, thread}", "thread")

    ended = project.run()

    assert ended.status == 3, ended.output
    assert ended.output.count("(3): ") == 1
    assert "were recorded, and hold no code" in ended.output
    assert "the witness lacks" not in ended.output.lower()
    assert "no gate: the measurement cannot be trusted" in ended.output
    assert "the gate is passed" not in ended.output
