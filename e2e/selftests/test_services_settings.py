"""The settings of services: each mistake is one sentence, with its line and what to write. No process."""

from __future__ import annotations

from pathlib import Path

import pytest

from afterawait.faults import EnvironmentFault
from afterawait.settings_services import TABLE, Ready
from e2e.selftests.services_beside import table
from e2e.selftests.settings_tables import APP, load, refusal

REDIS = table("redis", command='"redis-server --port {port}"')


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project's root with the package `shop`, and `stock` in a folder of its own."""
    for name in ("shop/__init__.py", "shop/worker.py", "warehouse/stock/__init__.py", "warehouse/stock/main.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("tables", "message", "hint"),
    [
        (table("redis", comand='"x"'), f":6: {TABLE} has no key `comand`", "Did you mean `command`?"),
        (table("redis", zzz="1"), f":6: {TABLE} has no key `zzz`", "The keys are name, command"),
        (REDIS + table("redis"), f":7: Two of {TABLE} have the name 'redis'", "of its own"),
        (table("my redis"), ":4: `name` of service 1 is 'my redis', which is not a name of letters", 'name = "redis"'),
        ('[[tool.afterawait.services]]\nname = "redis"', f":3: {TABLE} has no `command`", "command ="),
        ('[[tool.afterawait.services]]\ncommand = "x"', "has no `name` in the table of service 1", "name ="),
        (table("a", command="3"), ":5: `command` of the service 'a' is 3, which is not a command", "redis-server"),
        (table("a", ready='"is up"'), ":6: `ready` of the service 'a' is 'is up'", 'ready = { log = "is up" }'),
        (table("a", ready='{ line = "is up" }'), "which is not an HTTP path, a TCP port, or a text", "ready = 6379"),
        (table("a", ready='{ log = "x", port = 1 }'), "which is not an HTTP path, a TCP port, or a text", "ready ="),
        (table("a", ready="70000"), "`ready` of the service 'a' is 70000", "ready ="),
        (table("a", ready='"http://127.0.0.1/health"'), "`ready` of the service 'a' is 'http://", "ready ="),
        (table("a", "{port}", ready="6379"), ":6: The service 'a' has both {port} and `ready`", "Leave `ready` out"),
        (table("a", measure='"no"'), "`measure` of the service 'a' is 'no', which is not true or false", "measure ="),
        (table("a", cwd='"nowhere"'), ":6: `cwd` of the service 'a' is 'nowhere', which is no folder", "as it is from"),
        (table("a", env='{ A = "{services.b.port}" }'), ":6: [tool.afterawait].services has unknown", "Use"),
        (REDIS + table("b", env='{ A = "{services.reds.port}" }'), "{services.reds.port}", "{services.redis.port}?"),
        (table("worker") + table("b", env='{ A = "{services.worker.port}" }'), "{services.worker.port}", "has a port"),
        (table("a", env='{ A = "{db.prot}" }'), "unknown placeholders: {db.prot}", "{db.port}"),
        ("[tool.afterawait.env]\nA = '{services.redis.port}'\n", ":4: [tool.afterawait].env has unknown", "has a port"),
        ("services = 3\n", "services is 3, which is not tables with a name and a command each", "services = ["),
        ('services = [{ name = "a", command = "x", redy = 1 }]\n', f":3: {TABLE} has no key", "ready"),
    ],
)  # fmt: skip
def test_a_mistake_is_named(root: Path, tables: str, message: str, hint: str) -> None:
    """With the line in which it stands, where that can be known."""
    fault = refusal(root, f"{APP}{tables}")

    assert message in fault.message
    assert hint in fault.hint


@pytest.mark.parametrize(
    ("ready", "meant"),
    [
        ('"/health"', Ready(http="/health")),
        ('{ http = "/health?deep=1" }', Ready(http="/health?deep=1")),
        ("6379", Ready(port=6379)),
        ("{ port = 6379 }", Ready(port=6379)),
        ('{ log = "/ is served" }', Ready(log="/ is served")),
    ],
)
def test_what_shows_that_it_is_ready(root: Path, ready: str, meant: Ready) -> None:
    """A path, a port, or a text of its log: none can be taken for another."""
    assert load(root, APP + table("a", ready=ready)).services[0].ready == meant


@pytest.mark.parametrize(
    ("keys", "missed"),
    [
        ({"command": '"python -m shop.worker"'}, True),
        ({"command": '"uvicorn stock.main:app"', "cwd": '"warehouse"'}, True),
        ({"command": '"python worker.py"', "cwd": '"shop"'}, True),
        ({"command": '"uvicorn stock.main:app"'}, False),
        ({"command": '"redis-server"'}, False),
        ({"command": '"redis-server"', "measure": "true"}, True),
        ({"command": '"python -m shop.worker"', "measure": "false"}, False),
        ({"command": '"python -m http.server"'}, False),
    ],
)
def test_a_measurement_is_missed_where_the_project_s_own_code_runs(
    root: Path, keys: dict[str, str], missed: bool
) -> None:
    """Or where `measure` says so: of a program of somebody else's nothing is asked."""
    (service,) = load(root, APP + table("a", **keys)).services

    assert service.must_measure == missed


def test_the_source_follows_from_services_too(root: Path) -> None:
    """From those that are measured, and that are the project's own."""
    tables = [
        REDIS,
        table("stock", command='"uvicorn stock.main:app"', cwd='"warehouse"'),
        table("worker", command='"python -m shop.worker"'),
    ]
    apart = [*tables[:1], tables[1] + "measure = false\n", *tables[2:]]

    assert load(root, APP + "".join(tables)).source == ("shop", "warehouse/stock")
    assert load(root, APP + "".join(apart)).source == ("shop",)
    assert load(root, f'{APP}source = ["shop"]\n' + "".join(tables)).source == ("shop",)


def test_a_service_with_a_port_of_its_own_allows_one_test_process(root: Path) -> None:
    """A second set of services would want the same port."""
    assert not load(root, APP + REDIS).one_at_a_time
    assert load(root, APP + table("a", ready="6379")).one_at_a_time


def test_a_database_is_made_where_a_service_alone_is_told_of_it(root: Path) -> None:
    """As where the server is."""
    assert load(root, APP + table("a", env='{ URL = "{db.url}" }')).needs_database
    assert not load(root, APP + REDIS).needs_database


def test_a_service_of_an_unknown_program_is_found_before_anything_starts(root: Path) -> None:
    """By the checks of a run, with the name of the service."""
    from afterawait.preflight import machine

    known = load(root, APP + table("redis", command='"no-redis-server --port {port}"'))

    with pytest.raises(EnvironmentFault, match="The service redis cannot be started: there is no no-redis-server"):
        machine.check(known)
