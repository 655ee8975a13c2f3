"""What a run stands on, checked before anything starts."""

from __future__ import annotations

import socket

import pytest

from afterawait import settings
from afterawait.faults import EnvironmentFault
from afterawait.preflight import machine
from e2e.selftests.project import Project
from e2e.selftests.refused import started, the_sentence


@pytest.mark.parametrize("version", [(7, 13, 1), (7, 14, 0), (7, 16, 2)])
def test_a_coverage_py_that_deletes_data_is_refused(version: tuple[int, ...]) -> None:
    """By its number, and with the command that installs another."""
    with pytest.raises(EnvironmentFault, match="can delete measured data") as refused:
        machine.coverage_version(version)

    assert "coverage>=7.17" in refused.value.hint


@pytest.mark.parametrize("version", [(7, 13, 0), (7, 17, 0), (8, 0, 0)])
def test_a_coverage_py_that_deletes_nothing_is_taken(version: tuple[int, ...]) -> None:
    """On both sides of those."""
    machine.coverage_version(version)


def test_a_python_that_loses_lines_is_refused() -> None:
    """3.11 has no lossless setting."""
    machine.python((3, 12, 0))

    with pytest.raises(EnvironmentFault, match=r"Python 3\.11\.9"):
        machine.python((3, 11, 9))


@pytest.mark.parametrize("verb", ["run", "serve"])
def test_a_port_that_is_taken_is_said_before_anything_starts(project: Project, verb: str) -> None:
    """pytest is not even called."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        ended = project.run(module=verb, env={"AFTERAWAIT_PORT": str(taken.getsockname()[1])})

    assert ended.status == 4, ended.output
    assert "cannot be used: Address already in use." in the_sentence(ended.output)
    assert "test session starts" not in ended.output
    assert not started(project)


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({"DATABASE_URL": "postgresql+asyncpg://somebody:hidden@127.0.0.1:1/x"}, "can't be reached"),
        (
            {"AFTERAWAIT_PG_BIN": "/nowhere", "DATABASE_URL": "postgresql+asyncpg:"},
            "AFTERAWAIT_PG_BIN names does not run",
        ),
    ],
    ids=["a server", "binaries"],
)
def test_a_database_that_cannot_be_had_is_said_before_anything_starts(
    project: Project, env: dict[str, str], sentence: str
) -> None:
    """By the check itself; the password is nowhere."""
    with pytest.raises(EnvironmentFault, match=sentence):
        machine.database(settings.load(project.root, env))

    ended = project.run(env=env)

    assert ended.status == 4, ended.output
    assert sentence in the_sentence(ended.output)
    assert "hidden" not in ended.output
    assert not started(project)
