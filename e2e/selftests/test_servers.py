"""Servers that the project's own command starts: measured, found ready, stopped in order."""

from __future__ import annotations

import importlib.util
import re
import signal
from contextlib import closing

import pytest
from coverage import CoverageData

from e2e.selftests import processes
from e2e.selftests.exploring import Exploration
from e2e.selftests.toy_projects import Toy, report


def needs(*packages: str) -> pytest.MarkDecorator:
    """Skips a test of a server that is not installed here."""
    absent = [each for each in packages if importlib.util.find_spec(each) is None]
    return pytest.mark.skipif(bool(absent), reason=f"{', '.join(absent)} not installed here")


def test_workers_that_the_projects_own_command_starts(toy: Toy) -> None:
    """Each is waited for and judged, the application is its own, and each line is its test's."""
    project = toy("served", server="uvicorn shop.main:app --workers 2 --port {port} --no-access-log")

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "4 passed" in ended.output
    assert "serving processes: 2, canary alive in each" in ended.output
    file = project.root / "shop/main.py"
    line = file.read_text().splitlines().index("    sold.append(name)") + 1
    with closing(CoverageData(basename=str(project.root / ".afterawait/latest/.coverage"))) as data:
        data.read()
        assert data.contexts_by_lineno(str(file))[line] == ["tests/test_shop.py::test_sell"]
    assert not list(project.run_folder.glob("flush*"))
    assert not processes.of(project.root)


@needs("gunicorn", "uvicorn_worker")
def test_a_worker_that_its_server_kills_has_saved_and_is_named(toy: Toy) -> None:
    """Gunicorn ends it by SIGKILL when its time is over: nothing that the tests ran is lost."""
    command = "gunicorn -k uvicorn_worker.UvicornWorker -w 2 --graceful-timeout 1 -b 127.0.0.1:{port} shop.main:app"
    project = toy("served", server=command)

    ended = project.run(env={"STAYS_OPEN": "1"})

    assert ended.status == 0, ended.output
    assert "was ended by SIGKILL. gunicorn kills a worker with SIGKILL when its --graceful-timeout" in ended.output
    assert "agree on" in ended.output
    assert not processes.of(project.root)


def test_an_application_that_cannot_be_loaded_ends_the_start(toy: Toy) -> None:
    """Though its supervisor would wait for ever for a change of the source."""
    project = toy("served", server="uvicorn shop.absent:app --reload --port {port}", start_timeout=3000)

    ended = project.run()

    assert ended.status == 1, ended.output
    assert "cannot be loaded: its server says why" in ended.output
    assert 'Error loading ASGI app. Could not import module "shop.absent"' in ended.output
    assert "measurement" not in ended.output
    assert not processes.of(project.root)


def test_a_command_that_is_not_there(toy: Toy) -> None:
    """The environment's fault, found before anything starts, with the key to fix."""
    project = toy("served", server="nosuchserver shop.main:app")

    ended = project.run()

    assert ended.status == 4, ended.output
    assert "there is no nosuchserver" in ended.output
    assert "[tool.afterawait].server" in ended.output
    assert "test session starts" not in ended.output


@pytest.mark.parametrize(
    ("server", "options", "said", "fix"),
    [
        pytest.param(
            "uvicorn shop.main:app --uds served.sock",
            (),
            "served.sock, and tests speak to a port",
            "--port {port}",
            marks=pytest.mark.full,
        ),
        pytest.param(
            "gunicorn -b 127.0.0.1:{port} shop.wsgi:app",
            (),
            "answers, and serves no ASGI application",
            "gunicorn with -k asgi",
            marks=needs("gunicorn"),
        ),
        pytest.param(
            "./serve", (), "./serve: Exec format error", "Let its first line say what runs it", id="no first line"
        ),
        ("uvicorn shop.main:app", ("--workers", "2"), "--workers is for the one", "workers into that command"),
        pytest.param(
            "uvicorn shop.main:app",
            ("--port", "8123"),
            "the command in [tool.afterawait].server chooses one itself",
            "Write {port} into the command",
            id="explore",
        ),
    ],
)
def test_what_a_command_cannot_serve_is_said_at_the_start(
    toy: Toy, server: str, options: tuple[str, ...], said: str, fix: str
) -> None:
    """A Unix socket, a WSGI application, options that are for other servers: before any test, with what to write."""
    project = toy("served", server=server, start_timeout=3000)
    project.write("serve", "uvicorn shop.main:app\n")
    (project.root / "serve").chmod(0o755)
    project.write("shop/wsgi.py", "def app(environ, start):\n    start('200 OK', [])\n    return [b'sold']\n")

    ended = project.run(*options, module="explore" if "--port" in options else "run")

    assert ended.status == 4, ended.output
    assert said in ended.output
    assert fix in ended.output
    assert "passed" not in ended.output
    assert not processes.of(project.root)


def test_a_server_and_a_worker_are_recorded_until_ctrl_c(toy: Toy) -> None:
    """Whatever the command starts: both end in order, and both are judged and reported."""
    project = toy("served")
    command = "python -m shop.worker & exec uvicorn shop.main:app --port {port}"
    path = {"PATH": processes.beside_python()}
    driver = project.start("--", "sh", "-c", command, module="record", env=path)

    def both_run() -> bool:
        records = [each.read_text() for each in project.root.glob(".afterawait/runs/*/process-*.json")]
        return any('"served": true' in each for each in records) and any("shop.worker" in each for each in records)

    processes.until(both_run, "both run")
    driver.send_signal(signal.SIGINT)
    output, _ = driver.communicate(timeout=60)

    assert driver.returncode == 0, output
    assert "Application shutdown complete." in output
    assert "agree on" in output
    assert report(project)["shop/worker.py"]["summary"]["covered_lines"] > 5
    assert not processes.of(project.root)


def test_a_program_without_a_server_is_recorded_to_its_end(toy: Toy) -> None:
    """Nothing in it has to serve; its exit status is said."""
    project = toy("served")

    ended = project.run("--", "sh", "-c", f"{processes.PYTHON} -m shop.worker 3; exit 7", module="record")

    assert ended.status == 1, ended.output
    assert "tests (1): The command ended with exit code 7." in ended.output
    assert "and no process served" in ended.output
    assert "agree on" in ended.output
    assert "Traceback" not in ended.output


def test_a_server_under_a_command_is_explored(toy: Toy) -> None:
    """A new one takes the place of one that died, and where it chose another port, that is said."""
    exploration = Exploration(toy("served", server="uvicorn shop.main:app --port 0"))
    assert exploration.use("/plain").status_code == 200
    exploration.settle(1)
    [server] = [each for each in processes.called(exploration.project.root, "uvicorn") if each.children() == []]

    server.kill()

    addresses = re.compile(r"^app +(http://[\d.:]+)/docs", re.MULTILINE)
    processes.until(lambda: len(addresses.findall(exploration.output)) == 2, "the next server's address")
    exploration.app = addresses.findall(exploration.output)[-1]
    assert exploration.use("/mine").json()["mine"]
    exploration.settle(2)
    assert [each["lines"] > 0 for each in exploration.board()["requests"]] == [True, True]
    exploration.process.send_signal(signal.SIGINT)
    assert exploration.process.wait(30) == 0
    assert not processes.of(exploration.project.root)


@pytest.mark.full
def test_kill_9_of_the_test_process_leaves_no_server_of_the_command(toy: Toy) -> None:
    """Nobody tells it: the driver finds and ends it."""
    project = toy("served", server="uvicorn shop.main:app --workers 2 --port {port}")
    project.write(
        "tests/test_shop.py", "import os, signal\ndef test(http):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )

    ended = project.run()

    assert ended.status == 4, ended.output
    assert "The test process was ended by SIGKILL." in ended.output
    assert "still run" not in ended.output
    assert "agree on" in ended.output
    assert not processes.of(project.root)
