"""Databases on a server that somebody runs: theirs are left alone, those of dead runs are dropped."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from afterawait.databases.base import Database, DatabaseServer
from afterawait.databases.factory import open_server
from afterawait.faults import EnvironmentFault
from afterawait.processes.polling import wait_until
from e2e.selftests import database_servers
from e2e.selftests.database_servers import SECONDS, admin_url, databases_on, run_sql, with_table

cache = database_servers.cache
somebodys = database_servers.somebodys
database_url = database_servers.database_url
open_kind = database_servers.open_kind
start_run = database_servers.start_run


def test_the_database_that_database_url_names_is_not_written_to(
    open_kind: Callable[[str], DatabaseServer], database_url: str
) -> None:
    """The run's databases are beside it; the URLs differ in nothing else."""
    server = open_kind("external")
    db = server.create("main")
    with_table(db)
    name = db.placeholders()["db.name"]

    assert make_url(database_url).set(database=name) == make_url(db.url)
    tables = "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    assert run_sql(database_url, tables) == ["theirs"]


def test_databases_of_a_killed_run_are_dropped_at_the_next_start_and_no_others(
    open_kind: Callable[[str], DatabaseServer],
    start_run: Callable[..., tuple[subprocess.Popen[str], str]],
    somebodys: DatabaseServer,
    database_url: str,
) -> None:
    """A run that lives, in another checkout say, keeps its own, and so does whoever calls a database much like ours.

    The first version called them e2e_...: what a run of that one left is for that version to drop.
    """
    killed, of_the_killed = start_run(database_url, run="one")
    _, of_the_living = start_run(database_url, run="one")
    theirs = {somebodys.create("shop_main").placeholders()["db.name"]}
    for name in ("e2e_4711x0123abcd_main", "my_afterawait_1x0123abcd_main", "afterawait_1x0123abc_main"):
        run_sql(admin_url(somebodys), f'CREATE DATABASE "{name}"')
        theirs.add(name)
    killed.kill()
    killed.wait()
    run = of_the_killed.split("_")[1]
    living = "SELECT application_name FROM pg_stat_activity"
    wait_until(lambda: f"afterawait:{run}" not in run_sql(database_url, living), seconds=SECONDS)
    assert {of_the_killed, of_the_living, *theirs} <= databases_on(somebodys)

    open_kind("external")

    left = databases_on(somebodys)
    assert of_the_killed not in left
    assert {of_the_living, *theirs} <= left


def test_the_longest_names_are_kept_whole(
    start_run: Callable[..., tuple[subprocess.Popen[str], str]], database_url: str, tmp_path: Path
) -> None:
    """PostgreSQL cuts what is longer than 63 bytes, in silence: two databases would be one, a living run a dead one."""
    longest = "r" * 16
    _, of_the_living = start_run(database_url, run=longest)

    with open_server(database_url, folder=tmp_path, run=longest) as server:
        server.prepare_template(with_table)
        names = ["n" * 23 + each for each in "ab"]
        made = {server.create(name).placeholders()["db.name"] for name in names}

        assert {*made, of_the_living, f"{server.address()['prefix']}template"} <= databases_on(server)
        assert len(made) == 2
        assert [name[-1] for name in sorted(made)] == ["a", "b"]


def test_a_run_that_dies_of_a_signal_is_cleaned_up_after_without_its_template(
    open_kind: Callable[[str], DatabaseServer], somebodys: DatabaseServer
) -> None:
    """Ctrl-C during setup: nothing half-made stays."""
    server = open_kind("external")

    def interrupted(_: Database) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        server.prepare_template(interrupted)

    assert f"{server.address()['prefix']}template" not in databases_on(somebodys)


def test_a_plain_user_who_may_create_databases_is_enough(
    database_url: str, tmp_path: Path, start_run: Callable[..., tuple[subprocess.Popen[str], str]]
) -> None:
    """No superuser is needed: to see that another user's run lives, to copy the template, to drop."""
    run_sql(database_url, "CREATE ROLE plain LOGIN CREATEDB PASSWORD 'sesame'")
    plain = make_url(database_url).set(username="plain", password="sesame").render_as_string(hide_password=False)
    _, of_the_other = start_run(database_url)

    with open_server(plain, folder=tmp_path, run="one") as server:
        server.prepare_template(with_table)
        assert run_sql(server.create("main"), "SELECT name FROM cities") == ["Ulm"]
        assert of_the_other in databases_on(server)


def test_a_url_whose_database_does_not_exist_is_enough(
    database_url: str, somebodys: DatabaseServer, tmp_path: Path
) -> None:
    """CI names a database that nobody made: the run needs none of it."""
    url = make_url(database_url).set(database="nobody_made_it").render_as_string(hide_password=False)

    with open_server(url, folder=tmp_path, run="one") as server:
        assert server.create("main").placeholders()["db.name"] in databases_on(somebodys)


def test_a_server_that_is_lost_is_found_again(
    open_kind: Callable[[str], DatabaseServer], somebodys: DatabaseServer
) -> None:
    """An administrator who ends our session costs a new one, not the run."""
    server = open_kind("external")
    application = server.address()["application"]
    killing = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name"
    assert run_sql(admin_url(somebodys), killing, name=application) == [True]

    def recovered() -> bool:
        try:
            server.create("main")
        except EnvironmentFault:  # the statement that noticed
            return False
        return True

    wait_until(recovered, seconds=SECONDS)
