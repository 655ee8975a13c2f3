"""Services in runs: judged and reported with the server, and none outlives the run."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from coverage import CoverageData

from e2e.selftests import processes
from e2e.selftests.plain_pytest import Somebodys
from e2e.selftests.project import TIMEOUT, TOYS, Project
from e2e.selftests.toy_projects import Toy, percentages

KILLS_THE_WORKER = """\
import os
import signal
import time

import psutil


def test_a_death():
    mine = [each for each in psutil.process_iter(["cmdline"]) if "jobs.worker" in (each.info["cmdline"] or ())]
    [worker] = [each for each in mine if each.cwd() == os.getcwd()]
    worker.send_signal(signal.SIGKILL)
    until = time.monotonic() + 20
    while worker.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until


def test_that_has_no_worker(http):
    assert http.post("/orders/1").json() == {"left": 99}
"""

NAMES = ["stock.main:app", "jobs.worker", "shop.main:app"]
"""What the commands of the measured ones name, in the order written; the server is the last."""

PROGRAMS = {
    "shop/main.py": ["order"],
    "shop/steps.py": ["walk"],
    "shop/redis.py": ["send", "do"],
    "warehouse/stock/main.py": ["left", "take"],
    "warehouse/stock/steps.py": ["walk"],
    "jobs/worker.py": ["deliver"],
    "jobs/steps.py": ["walk"],
}
"""The functions that an order runs in each file, whatever its number."""


def with_redis(project: Project | Somebodys) -> None:
    """Where there is no Redis on this machine, let a stand-in be started in its place."""
    if shutil.which("redis-server") is None:
        project.replace("pyproject.toml", "redis-server --port {port} --save ''", "python redis_stand_in.py {port}")


@pytest.fixture
def shop(toy: Toy) -> Project:
    """The shop of a test's own."""
    project = toy("services")
    with_redis(project)
    return project


@pytest.fixture(scope="module")
def ordered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A shop with two services and a worker, after its run; ask it, and change nothing."""
    project = Project(tmp_path_factory.mktemp("ordered") / "a project", "services")
    with_redis(project)
    project.run()
    yield project
    project.close()


def test_one_report_shows_the_server_and_its_services(ordered: Project) -> None:
    """Each is judged; what is not measured is said, and nothing is left."""
    assert ordered.ended.status == 0, ordered.ended.output
    for said in (
        r"service redis, port \d+ \(pid \d+\), not measured",
        r"service stock, port \d+ \(pid \d+\), measured",
        r"service worker \(pid \d+\), measured",
    ):
        assert re.search(said, ordered.ended.output), said
    assert "serving processes: 2, canary alive in each" in ordered.ended.output
    assert "3 processes" in ordered.ended.output
    assert {"shop/main.py", "warehouse/stock/main.py", "jobs/worker.py"} <= percentages(ordered).keys()
    assert not processes.of(ordered.root)


def test_each_was_ready_before_the_next_began(ordered: Project) -> None:
    """By their records; the last one in the order written was the first to be stopped."""
    records = [json.loads(each.read_text()) for each in ordered.run_folder.glob("process-*.json")]
    named = {word: each for each in records for word in each["argv"] if word in NAMES}

    assert sorted(named, key=lambda each: named[each]["began"]) == NAMES
    assert all(each["ended"] for each in named.values())


def test_a_hundred_concurrent_tests_are_told_apart_in_three_processes(ordered: Project) -> None:
    """Each line that the server, the other service and the worker ran for a test is that test's, and no other is."""
    assert ordered.ended.status == 0, ordered.ended.output
    credited = lines_by_test(ordered)

    oracles = {name: functions(ordered.root / name) for name in PROGRAMS}
    wrong = {
        (number, name): (found, due)
        for number in range(1, 101)
        for name, due in due_lines(oracles, number).items()
        if (found := credited.get(f"order {number}", {}).get(name, set())) != due
    }
    assert not wrong


def functions(path: Path) -> dict[str, set[int]]:
    """The lines of each async function of a source that branches nowhere but in `walk`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name: {each.lineno for part in node.body for each in ast.walk(part) if hasattr(each, "lineno")}
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef)
    }


def due_lines(oracles: dict[str, dict[str, set[int]]], number: int) -> dict[str, set[int]]:
    """What the order of that number is to have run, by file."""
    walks = {"shop/steps.py": {number}, "warehouse/stock/steps.py": {number, 127 - number}, "jobs/steps.py": {number}}
    attached = min(oracles["jobs/worker.py"]["deliver"])  # by this line, which is nobody's yet
    steps = {name: [f"step_{bit}" for bit in range(7) for n in walks.get(name, ()) if n >> bit & 1] for name in oracles}
    return {
        name: set().union(*(known[each] for each in [*PROGRAMS[name], *steps[name]]))
        - ({attached} if name == "jobs/worker.py" else set())
        for name, known in oracles.items()
    }


def lines_by_test(project: Project) -> dict[str, dict[str, set[int]]]:
    """The lines of each test, by file, as the report has them."""
    found: dict[str, dict[str, set[int]]] = {}
    with closing(CoverageData(basename=str(project.root / ".afterawait/latest/.coverage"))) as data:
        data.read()
        for name in PROGRAMS:
            for line, tests in data.contexts_by_lineno(str(project.root / name)).items():
                for test in tests:
                    found.setdefault(test, {}).setdefault(name, set()).add(line)
    return found


def test_a_service_that_dies_ends_the_run(shop: Project) -> None:
    """With its name, its last lines and the test; the next test does not run."""
    shop.write("tests/test_orders.py", KILLS_THE_WORKER)

    ended = shop.run()

    assert ended.status == 1, ended.output
    said = "tests (1): The service worker ended with signal SIGKILL during tests/test_orders.py::test_a_death."
    assert ended.output.count(said) == 1
    assert "    waiting for jobs\n" in ended.output
    assert "test_that_has_no_worker" not in ended.output
    assert not processes.of(shop.root)


def test_kill_9_of_plain_pytest_leaves_no_service(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Nor the server of a command; nothing of it is measured before."""
    project = Somebodys(tmp_path / "a project", toy=TOYS / "services")
    with_redis(project)
    request.addfinalizer(project.close)
    project.write("tests/test_orders.py", "def test(http):\n    print('running', flush=True)\n    input()\n")
    pytest_process = project.start_pytest("-s")
    assert pytest_process.stdout is not None
    lines = iter(pytest_process.stdout.readline, "")
    before = next(line for line in lines if "service worker" in line)
    assert any("running" in line for line in lines)
    assert len(processes.of(project.root)) > 3
    assert before.endswith(", not measured\n")

    pytest_process.kill()
    pytest_process.wait(TIMEOUT)

    processes.until(lambda: not processes.of(project.root), "all have ended")


@pytest.mark.full
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_end_by_force_leaves_no_service(shop: Project, how: signal.Signals) -> None:
    """Ctrl-C, and kill -9 of the driver."""
    shop.write("tests/test_orders.py", "import time\n\ndef test(http):\n    time.sleep(300)\n")
    driver = shop.start()

    processes.until(lambda: bool(processes.called(shop.root, "shop.main")), "the server runs")
    driver.send_signal(how)
    driver.communicate(timeout=TIMEOUT)

    assert driver.returncode == (130 if how is signal.SIGINT else -9)
    processes.until(lambda: not processes.of(shop.root), "all have ended")


def test_a_service_of_the_project_that_escapes_the_measurement_is_named_at_once(shop: Project) -> None:
    """Its command names a measured module, and leaves no record: no test runs for a number that nobody can trust."""
    python = shlex.quote(sys.executable)
    shop.replace("pyproject.toml", '"uvicorn stock.main:app', f'"env -i {python} -m uvicorn stock.main:app')

    ended = shop.run()

    assert ended.status == 3, ended.output
    assert "measurement (3): The service stock is not measured: no Python process of its command" in ended.output
    assert "passed" not in ended.output
    assert not processes.of(shop.root)


@pytest.mark.full
def test_each_test_process_has_services_of_its_own(shop: Project) -> None:
    """On ports of their own, as its server is."""

    ended = shop.run("-n", "2")

    assert ended.status == 0, ended.output
    ports = {each for line in ended.output.splitlines() if "service stock" in line for each in line.split()[4:5]}
    assert len(ports) == 2
    assert "serving processes: 4" in ended.output
    assert not processes.of(shop.root)
