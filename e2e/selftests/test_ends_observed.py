"""How servers and their workers end is looked at: what goes wrong there is the application's, status 1."""

from __future__ import annotations

import re

from e2e.selftests.toy_projects import Toy


def test_a_shutdown_that_fails_is_said_with_its_traceback(toy: Toy) -> None:
    """Though every test has passed, and the server itself ends as if nothing had happened."""
    project = toy("endings")

    ended = project.run()

    assert ended.status == 1, ended.output
    assert "5 passed" in ended.output
    failed = "The application failed in its shutdown"
    assert f"{failed}: RuntimeError: the till does not close" in ended.output
    assert f"{failed}: asyncio.exceptions.CancelledError" in ended.output
    assert f"{failed}: OSError: the door does not close" in ended.output
    assert 'raise OSError("the door does not close")' in ended.output
    assert "The server ended with exit code 9 when it was asked to stop." in ended.output
    assert ended.output.count("tests (1)") == 4


def test_a_worker_that_ends_early_is_named_and_its_successor_is_no_fault(toy: Toy) -> None:
    """It was still importing when it was stopped, and has never served: nothing of the measurement is lost with it."""
    project = toy("endings")

    ended = project.run("--workers", "2", env={"ALONE": "1", "WORKER": "1"})

    assert ended.status == 1, ended.output
    assert re.search(r"The server's worker process \d+ ended before it was asked to\.", ended.output), ended.output
    assert "measurement (3)" not in ended.output
    assert "when it was asked to stop" not in ended.output
    assert "agree on" in ended.output


def test_a_shutdown_that_fails_in_workers(toy: Toy) -> None:
    """In each of them; their supervisor says so, once."""
    project = toy("endings")

    ended = project.run("--workers", "2", env={"ALONE": "1", "ENDING": "fastapi"})

    assert ended.status == 1, ended.output
    assert ended.output.count("The application failed in its shutdown: RuntimeError: the till does not close") == 1
    assert "measurement (3)" not in ended.output
