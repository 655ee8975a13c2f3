"""However a run ends, it says so, and leaves no process behind."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import httpx
import pytest

from e2e.selftests import processes
from e2e.selftests.project import TIMEOUT, Project

# Each holds the run at one moment: it makes the file `here`, then waits for ever.
HOLD = "import pathlib, threading\npathlib.Path({here!r}).touch()\nthreading.Event().wait()\n"


def indented(text: str, by: str = "    ") -> str:
    """`text` as the body of a function."""
    return "".join(f"{by}{line}\n" for line in text.splitlines())


def hold_at(project: Project, moment: str, here: Path) -> None:
    """Change the project so that a run comes to `moment` and stays there."""
    hold = HOLD.format(here=str(here))
    if moment == "collection":
        project.write("tests/test_zz.py", hold)
    elif moment == "setup command":
        project.write("hold.py", hold)
        project.replace("pyproject.toml", "[tool.afterawait.env]", 'setup = "python hold.py"\n\n[tool.afterawait.env]')
    elif moment == "import":
        project.replace("toy/main.py", "import asyncio\n", f"import asyncio\n{hold}")
    elif moment == "lifespan":
        project.replace(
            "toy/main.py",
            '    await receive()\n    await send({"type": "lifespan.startup',
            f'    await receive()\n{indented(hold)}    await send({{"type": "lifespan.startup',
        )
    elif moment == "test":
        project.write("tests/test_zz.py", f"def test_hold(http):\n    http.get('/thread')\n{indented(hold)}")
    elif moment == "stop":
        project.replace(
            "toy/main.py",
            '    await receive()\n    await send({"type": "lifespan.shutdown',
            f'    await receive()\n{indented(hold)}    await send({{"type": "lifespan.shutdown',
        )
    elif moment == "reports":
        os.mkfifo(project.root / "coverage.lcov")  # nobody reads: the report blocks in opening it


def held(project: Project, moment: str, here: Path) -> bool:
    """Whether the run has come to `moment`."""
    return (project.root / "coverage.json").exists() if moment == "reports" else here.exists()


MOMENTS = ["collection", "setup command", "import", "lifespan", "test", "stop", "reports"]


@pytest.mark.parametrize(
    ("moment", "whom"),
    [
        *((moment, "its group") for moment in MOMENTS),
        ("test", "the driver"),
        *(pytest.param(each, "the driver", marks=pytest.mark.full) for each in MOMENTS if each != "test"),
    ],
)
def test_ctrl_c_ends_a_run_with_130(project: Project, tmp_path: Path, moment: str, whom: str) -> None:
    """At any moment, whether the terminal signals all processes or somebody the driver alone; what ran is reported."""
    hold_at(project, moment, tmp_path / "here")
    driver = project.start()
    processes.until(lambda: held(project, moment, tmp_path / "here"), f"the run comes to its {moment}")

    if whom == "the driver":
        driver.send_signal(signal.SIGINT)
    else:
        os.killpg(driver.pid, signal.SIGINT)
    output, _ = driver.communicate(timeout=TIMEOUT)

    assert driver.returncode == 130, output
    assert "interrupted (130)" in output
    assert moment != "test" or ("no gate: it was cut short" in output and "canary alive in each" in output)
    assert "Traceback (most recent call last)" not in output
    processes.until(lambda: not processes.of(project.root), "no process of the run is left")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "SIGHUP"])
def test_other_requests_to_end_are_taken_like_ctrl_c(project: Project, tmp_path: Path, number: signal.Signals) -> None:
    """A CI job that is cancelled sends SIGTERM, a terminal that closes SIGHUP."""
    hold_at(project, "test", tmp_path / "here")
    driver = project.start()
    processes.until((tmp_path / "here").exists, "a test runs")

    driver.send_signal(number)
    output, _ = driver.communicate(timeout=TIMEOUT)

    assert driver.returncode == 130, output
    processes.until(lambda: not processes.of(project.root), "no process of the run is left")


@pytest.mark.parametrize("victim", ["driver", "pytest"])
def test_kill_9_leaves_nothing_running(project: Project, tmp_path: Path, victim: str) -> None:
    """Whoever dies, server and PostgreSQL see the end of their pipe and go."""
    project.replace("pyproject.toml", 'database = "sqlite+aiosqlite:"\n', "")
    hold_at(project, "test", tmp_path / "here")
    driver = project.start()
    processes.until((tmp_path / "here").exists, "a test runs")
    postgres = processes.postgres_of(driver.pid)
    assert postgres

    if victim == "driver":
        driver.kill()
    else:
        (pytest_process,) = processes.called(project.root, " -m pytest ")
        pytest_process.kill()
    output, _ = driver.communicate(timeout=TIMEOUT)

    assert driver.returncode == (-signal.SIGKILL if victim == "driver" else 4), output
    processes.until(lambda: not processes.of(project.root), "no process of the run is left")
    processes.until(lambda: processes.gone(postgres), "PostgreSQL is gone")


def test_workers_of_a_killed_supervisor_end_too(project: Project, tmp_path: Path) -> None:
    """uvicorn's workers would serve on for ever."""
    hold_at(project, "test", tmp_path / "here")
    driver = project.start("--workers", "2")
    processes.until((tmp_path / "here").exists, "a test runs")

    for each in processes.called(project.root, "afterawait.agent.server"):
        each.kill()

    processes.until(lambda: not processes.called(project.root, "multiprocessing.spawn"), "the workers are gone")
    driver.send_signal(signal.SIGINT)
    driver.communicate(timeout=TIMEOUT)


def test_the_leftovers_of_a_killed_run_do_not_disturb_the_next(project: Project, tmp_path: Path) -> None:
    """Its folder is still there, its data files are not this run's."""
    here = tmp_path / "here"
    hold_at(project, "test", here)
    driver = project.start()
    processes.until(here.exists, "a test runs")
    os.killpg(driver.pid, signal.SIGKILL)
    driver.communicate(timeout=TIMEOUT)
    (project.root / "tests" / "test_zz.py").unlink()

    ended = project.run()

    assert ended.status == 0, ended.output


def test_a_second_run_in_a_checkout_is_refused(project: Project, tmp_path: Path) -> None:
    """It names the first by its pid, and does not touch its data."""
    hold_at(project, "test", tmp_path / "here")
    first = project.start()
    processes.until((tmp_path / "here").exists, "a test runs")

    second = project.run()

    assert second.status == 4, second.output
    assert f"Another run is using this checkout (pid {first.pid})" in second.output
    first.send_signal(signal.SIGINT)
    output, _ = first.communicate(timeout=TIMEOUT)
    assert "canary alive in each" in output


def test_serving_for_a_person_ends_with_a_report(project: Project) -> None:
    """Ctrl-C at the live server stops it, combines and reports; nothing gates, and that is no failure."""
    server = project.start(module="serve")
    assert server.stdout is not None
    lines: list[str] = []
    while "serving" not in (line := server.stdout.readline()):
        assert line, lines
        lines.append(line)
    url = next(word for word in line.split() if word.startswith("http://"))
    answer = httpx.get(f"{url}/thread")

    os.killpg(server.pid, signal.SIGINT)
    output, _ = server.communicate(timeout=TIMEOUT)

    assert answer.text == "from a thread"
    assert server.returncode == 0, output
    assert "no gate: a person explored, no test ran" in output
    assert "toy/main.py" in output
    assert "tests/test_toy.py" not in output
    processes.until(lambda: not processes.of(project.root), "no process is left")


def test_serving_for_a_person_who_asked_for_nothing_ends_without_a_warning(project: Project) -> None:
    """No test and no person ran a line: coverage.py would warn that there are no contexts to show."""
    project.replace(".coveragerc", "[report]", "[html]\nshow_contexts = true\n[report]")
    server = project.start(module="serve")
    assert server.stdout is not None
    while "serving" not in (line := server.stdout.readline()):
        assert line

    os.killpg(server.pid, signal.SIGINT)
    output, _ = server.communicate(timeout=TIMEOUT)

    assert server.returncode == 0, output
    assert "reports " in output
    assert "Warning" not in output


def test_ctrl_c_while_the_run_is_still_starting_ends_it_with_130(project: Project) -> None:
    """From the moment the checkout is taken: before pytest has set itself up, Ctrl-C waits for it."""
    driver = project.start()
    lock = project.root / ".afterawait" / "lock"
    processes.until(lambda: lock.exists() and lock.read_text() == f"{driver.pid}\n", "the checkout is taken")

    os.killpg(driver.pid, signal.SIGINT)
    output, _ = driver.communicate(timeout=TIMEOUT)

    assert driver.returncode == 130, output
    assert "Traceback (most recent call last)" not in output
    processes.until(lambda: not processes.of(project.root), "no process of the run is left")


def test_a_server_that_still_saves_is_waited_for_by_the_next_run(project: Project, tmp_path: Path) -> None:
    """What a killed run's server writes late must not count in the next one."""
    here = tmp_path / "here"
    hold_at(project, "stop", here)
    driver = project.start()
    processes.until(here.exists, "the server stops")
    servers = processes.called(project.root, "afterawait.agent.server")
    os.killpg(driver.pid, signal.SIGKILL)
    driver.communicate(timeout=TIMEOUT)
    assert not processes.gone(servers)

    ended = project.run("--co", "-q")
    again = project.start("-k", "thread")
    again.communicate(timeout=TIMEOUT)

    assert ended.status == 0, ended.output
    assert processes.gone(servers)
