"""Services beside the server: started in order, each when the one before is ready, and stopped in reverse. No run."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from afterawait.agent.strangers.rules import CLOCK
from afterawait.faults import ApplicationFault, EnvironmentFault, Fault
from e2e.selftests import processes
from e2e.selftests.services_beside import Services, table


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """A project of this test's own."""
    return Services(tmp_path / "a project")


def test_they_start_in_the_order_written_and_stop_in_reverse(services: Services) -> None:
    """Each when the one before is ready, by whatever shows that; none is left."""
    tables = [
        table("first", "listen {port}"),
        table("second", "say warm say 'ready for all' {services.first.port}", ready='{ log = "ready for all" }'),
        table("third", "answer {port} 204", ready='"/health"'),
        table("fourth"),
    ]
    (services.root / "notes").touch()

    with services.started(*tables) as stack:
        processes.until(lambda: len(services.notes()) == len(tables), "the last one, of which nothing is known, starts")
        before = services.notes()
        lines = [each.line for each in stack.beside.processes]
        ports = stack.beside.placeholders()

    names = ["first", "second", "third", "fourth"]
    assert before == [f"{each} starts" for each in names]
    assert services.notes() == before + [f"{each} ends" for each in reversed(names)]
    assert [line.partition(" (")[0] for line in lines] == [
        f"service first, port {ports['services.first.port']}",
        "service second",
        f"service third, port {ports['services.third.port']}",
        "service fourth",
    ]
    assert not processes.of(services.root)


@pytest.mark.parametrize(
    ("tables", "said", "hint"),
    [
        (
            [table("one", "listen {port}"), table("two", "end 3", ready='{ log = "never" }')],
            "The service two ended with exit code 3 before it was ready.",
            "or its `command` in [[tool.afterawait.services]]",
        ),
        (
            [table("one", "end 0", ready='{ log = "never" }')],
            "The service one ended with exit code 0 before it was ready.",
            "has to stay in the foreground",
        ),
        (
            [table("one", ready='{ log = "never" }')],
            "The service one was not ready within 2 s.",
            "Its log has no 'never'; [tool.afterawait].start_timeout",
        ),
        (
            [table("one", "answer {port} 503", ready='{ http = "/health" }')],
            "The service one was not ready within 2 s.",
            re.compile(r"GET http://127\.0\.0\.1:\d+/health was answered with status 503"),
        ),
        (
            [table("one", "say {port}")],
            "The service one was not ready within 2 s.",
            "None of its processes listens on a TCP port",
        ),
    ],
    ids=["ends", "detaches", "silent", "not well", "listens nowhere"],
)
def test_one_that_cannot_start_ends_the_start(
    services: Services, tables: list[str], said: str, hint: str | re.Pattern[str]
) -> None:
    """At once where it has ended, with its last lines; those before it are stopped."""
    text = (services.root / "pyproject.toml").read_text()
    (services.root / "pyproject.toml").write_text(text.replace("= 20", "= 2" if "within 2 s" in said else "= 600"))

    with pytest.raises(ApplicationFault) as caught, services.started(*tables):
        pass

    assert caught.value.message == said
    assert re.search(hint, caught.value.hint) if isinstance(hint, re.Pattern) else hint in caught.value.hint
    if "ended" in said:
        assert caught.value.detail == "cannot go on"
    assert services.notes().count("one ends") == services.notes().count("one starts") - ("one ended" in said)
    assert not processes.of(services.root)


def test_a_program_that_is_not_there_is_one_sentence(services: Services) -> None:
    """Of the environment, with what to do."""
    absent = table("redis", command='"no-redis-server --port {port}"')

    with pytest.raises(EnvironmentFault) as caught, services.started(absent):
        pass

    assert caught.value.message == "The service redis cannot be started: there is no no-redis-server."
    assert caught.value.hint.startswith("Install no-redis-server, or fix `command` of 'redis'")


def test_a_port_that_it_chooses_itself_and_that_is_taken(services: Services) -> None:
    """Whoever listens there is not taken for it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with (
            pytest.raises(EnvironmentFault) as caught,
            services.started(table("one", f"listen {port}", ready=f"{port}")),
        ):
            pass

    assert f"The service one is said to listen on it. Port {port} of 127.0.0.1 cannot be used" in caught.value.message
    assert not services.notes()


def test_one_that_dies_later_is_named_once_with_its_last_lines(services: Services) -> None:
    """Whoever looks hears of it; its end at the stop is not said again."""
    from afterawait.services.deaths import at_stop

    with services.started(table("one", "say hello"), table("two", "listen {port}")) as stack:
        one, two = stack.beside.processes
        stack.beside.look()
        os.kill(one.pid, signal.SIGKILL)
        processes.until(lambda: one.exit_code() is not None, "it has ended")

        with pytest.raises(Fault) as caught:
            stack.look()

        assert caught.value.message == "The service one ended with signal SIGKILL by itself."
        assert caught.value.detail == "hello"
        assert [at_stop(each) for each in stack.everything] == [None, None]
        assert not two.died


def test_whether_a_service_is_measured_is_said(services: Services) -> None:
    """One that is not, though it is Python, with its process; a program of another kind is no Python."""
    apart = table("apart", command=f'"env -i {sys.executable} -m http.server {{port}}"')
    other = table("other", command='"sleep 1000"')

    with services.started(table("own"), apart, other, measured=True) as stack:
        lines = [each.line.partition(")")[2] for each in stack.beside.processes]
        pid = stack.beside.processes[1].pid

    assert lines == [", measured", f", not measured (its Python process {pid} left no record)", ", not measured"]


def test_a_strangers_database_is_refused_to_a_service_too(services: Services) -> None:
    """Measured or not; what it makes anew is the run's."""
    theirs = services.root / "theirs.db"
    with sqlite3.connect(theirs) as connection:
        connection.execute("CREATE TABLE stock (pieces integer)")
    connection.close()
    time.sleep(CLOCK)  # file systems date a file by a clock that is coarser than the run's
    tables = [
        table("one", "open mine.db say up", ready='{ log = "up" }'),
        table("two", "open theirs.db", ready='{ log = "never" }'),
    ]

    with pytest.raises(EnvironmentFault) as caught, services.started(*tables):
        pass

    assert "The service two was about to connect to a database that is not this run's: SQLite" in caught.value.message
    assert 'databases_allowed = ["theirs.db"]' in caught.value.hint
    assert (services.root / "mine.db").exists()


def test_what_does_not_heed_sigterm_is_killed(services: Services) -> None:
    """After the time that a server has, too."""
    text = (services.root / "pyproject.toml").read_text()
    (services.root / "pyproject.toml").write_text(f"{text}grace = 0\n")

    with services.started(table("one", "stay say up", ready='{ log = "up" }')) as stack:
        (one,) = stack.beside.processes
        one.budget.server = 0.2

    assert not processes.of(services.root)
    assert services.notes() == ["one starts"]


def test_two_are_told_each_others_ports_whatever_their_order(services: Services) -> None:
    """All ports are chosen before the first starts."""
    tables = [
        table("one", "listen {port} say up{services.two.port}", ready='{ log = "up" }'),
        table("two", "listen {port}"),
    ]

    with services.started(*tables) as stack:
        port = stack.beside.placeholders()["services.two.port"]
        assert stack.beside.processes[0].log_text().strip() == f"up{port}"


def test_a_path_may_take_its_time_to_say_that_it_is_ready(services: Services) -> None:
    """It may look at all that the service depends on, each time that it is asked."""
    with services.started(table("one", "linger {port} 1.2", ready='"/health"')) as stack:
        assert stack.beside.dead() is None


def test_a_port_that_nobody_listens_on_is_not_waited_for_between_tests(services: Services) -> None:
    """It may be one of UDP: that a connection is refused says nothing of its end."""
    with services.started(table("one", "say up {port}", ready='{ log = "up" }')) as stack:
        (one,) = stack.beside.processes
        began = time.monotonic()

        death = one.death("during a test", waits=True)

        assert death is None
        assert time.monotonic() - began < one.budget.server / 2


def test_one_that_starts_a_process_every_moment_is_ready_when_it_says_so(services: Services) -> None:
    """A command that looks after something: no moment comes without a new one."""
    text = (services.root / "pyproject.toml").read_text()
    (services.root / "pyproject.toml").write_text(text.replace("= 20", "= 10"))

    with services.started(table("one", "flicker answer {port} 200", ready='"/health"'), measured=True) as stack:
        assert stack.beside.dead() is None
