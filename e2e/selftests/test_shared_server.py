"""All test processes against one server: each line is credited to the tests that it is credited to without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from afterawait.runs.folder import RunFolder
from afterawait.services import shared_server
from afterawait.services.ports import free_port
from afterawait.services.server import Server
from afterawait.services.shared_server import SharedServer
from e2e.selftests import same_result
from e2e.selftests.project import Ended, Project
from e2e.selftests.toy_projects import Toy

SERVICE = """
[[tool.afterawait.services]]
name = "pages"
command = "python -m http.server --bind 127.0.0.1 {port}"
ready = {port}
measure = false
"""
FURTHER = """\
import pytest


@pytest.mark.parametrize("number", range(2))
def test_further(http, server, start_server, number):
    assert start_server().service_ports == server.service_ports
    assert server.service_ports["pages"]
"""


def credited(project: Project, *how: str) -> tuple[Ended, dict[str, Any]]:
    """A whole run; which tests ran each line of each file."""
    (project.root / "rendezvous").mkdir()
    ended = project.run(*how)
    assert ended.status == 0, ended.output
    return ended, {name: whose for name, (_, _, whose) in same_result.data_of(project).items()}


def test_who_ran_what_is_the_same_with_one_server_for_all(toy: Toy) -> None:
    """In one process, in three with a server each, and in three whose requests are in one server at the same time."""
    _, alone = credited(toy("shared", "alone"))
    each, of_each = credited(toy("shared", "each"), "-n", "3")
    shared, of_all = credited(toy("shared", "shared"), "-n", "3", "--shared-server")

    tests = [f"tests/test_held.py::test_held[two-{number}]" for number in range(3)]
    assert tests in alone["toy/main.py"].values()
    assert of_each == alone
    assert of_all == alone
    assert "serving processes: 3," in each.output
    assert "serving processes: 1," in shared.output
    assert "afterawait: server main http://127.0.0.1:" in shared.output


def test_a_shared_server_that_dies_is_told_once_and_another_takes_its_place(toy: Toy) -> None:
    """By the process that started it; the other tests of all processes go on."""
    project = toy("shared")

    ended = project.run("-n", "2", "--shared-server", "deaths")

    assert ended.status == 1, ended.output
    assert ended.output.count("ended with signal SIGKILL while tests ran.") == 1
    assert "in flight: GET /die of deaths/test_deaths.py::test_die" in ended.output
    assert "4 passed" in ended.output


def test_a_database_that_others_use_is_not_reset(toy: Toy) -> None:
    """The run says so before any test, and what to do."""
    project = toy("shared")
    project.write("tests/test_reset.py", "def test_reset(http, reset_database):\n    pass\n")

    ended = project.run("-n", "2", "--shared-server", "tests/test_reset.py")

    assert ended.status == 4, ended.output
    assert "A test asks for reset_database, and with --shared-server other tests use that database" in ended.output


class Started(Server):
    """One that somebody has started."""

    pid = 7


def test_a_test_process_knows_what_runs_beside_the_server_of_all(tmp_path: Path) -> None:
    """`server.service_ports` are those of the one that another process started."""
    server = Started("main", RunFolder(tmp_path), app="toy.main:app")
    server.service_ports = {"stock": 4711}

    shared_server.publish(server)

    assert SharedServer(server.run, app="", grace=2, patience=1).service_ports == {"stock": 4711}


def test_further_servers_use_the_services_that_all_share(toy: Toy) -> None:
    """One that chooses its port could not be started twice."""
    project = toy("shared")
    project.write("pyproject.toml", (project.root / "pyproject.toml").read_text() + SERVICE.format(port=free_port()))
    project.write("tests/test_held.py", FURTHER)

    ended = project.run("-n", "2", "--shared-server")

    assert ended.status == 0, ended.output
    assert ended.output.count("afterawait: service pages") == 1
