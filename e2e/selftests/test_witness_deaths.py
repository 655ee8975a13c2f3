"""Processes that die, and children of processes: what they ran is known, and who they were. Test process."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from e2e.selftests.project import Ended, Project
from e2e.selftests.witnessed import contexts, line

KILL = """\
import os, signal

def test_kill(http, server):
    assert http.get('/count?double=1').status_code == 200
    os.kill(server.pid, signal.SIGKILL)
    server._process.wait(20)


def test_next(http):
    assert http.get('/thread').text == "from a thread"
"""


def killed(project: Project) -> Ended:
    """A run in which the server is killed by one test, and another one follows."""
    project.write("tests/test_toy.py", KILL)
    return project.run()


def test_a_killed_server_is_replaced_and_its_lines_are_shown_apart(project: Project) -> None:
    """The next test finds a server; what the killed one ran is a layer of its own and in no gate."""
    ended = killed(project)

    assert ended.status == 1, ended.output
    assert "2 passed" in ended.output, "the test after the kill found a server"
    assert "ended with signal SIGKILL during tests/test_toy.py::test_kill" in ended.output
    assert re.search(r"The server process \d+ was killed, or ended itself past Python", ended.output)
    layer = json.loads((project.root / ".afterawait/latest/killed.json").read_text())
    lines = layer["files"][str((project.root / "toy/main.py").resolve())]
    assert line("number *= 2") in lines["only here"]
    assert line("in_thread():") not in lines["only here"]
    assert "lines only: killed before coverage.py could write it whole; not counted by the gate" in ended.output
    assert line("number *= 2") not in contexts(project)


def test_the_next_good_run_shows_no_killed_lines(project: Project) -> None:
    """The layer is of the last reports."""
    killed(project)
    project.write("tests/test_toy.py", "def test_thread(http):\n    assert http.get('/thread').text\n")

    ended = project.run()

    assert "killed" not in ended.output
    assert not (project.root / ".afterawait/latest/killed.json").exists()


def test_a_server_that_dies_of_every_test_is_given_up(project: Project) -> None:
    """A few times it is replaced; then the run ends."""
    text = "import os, signal\nimport pytest\n\n\n@pytest.mark.parametrize('number', range(20))\n"
    text += "def test_kill(number, server):\n    os.kill(server.pid, signal.SIGKILL)\n    server._process.wait(20)\n"
    project.write("tests/test_toy.py", text)

    ended = project.run()

    assert ended.status == 1, ended.output
    assert "The server died 6 times." in ended.output
    assert "6 passed" in ended.output


def test_what_was_in_flight_is_named(project: Project) -> None:
    """By the witness's ring of requests: method, path, test."""
    project.replace("toy/main.py", 'answer = "from"', "os.kill(os.getpid(), 9)")

    ended = project.run("-k", "thread")

    assert ended.status == 1, ended.output
    assert "in flight: GET /thread of tests/test_toy.py::test_thread" in ended.output


FORKING = """\
import multiprocessing
import os
import sys


def work():
    return len("measured")


if __name__ == "__main__":
    multiprocessing.get_context("fork").Pool(1).map(len, ["not measured"])
    pid = os.fork()
    if not pid:
        work()
        sys.exit(0)
    os.waitpid(pid, 0)
"""


def test_forked_children_are_believed(project: Project) -> None:
    """One that runs nothing measured, one that ends in order with lines of its own: both agree with their parent."""
    project.write("toy/forking.py", FORKING)
    project.replace(
        "pyproject.toml", "[tool.afterawait.env]", 'setup = "python -m toy.forking"\n\n[tool.afterawait.env]'
    )

    ended = project.run()

    assert ended.status in {0, 2}, ended.output
    assert "coverage.py and the witness agree on" in ended.output
    arcs = project.arcs()["toy/forking.py"]
    assert any(7 in arc for arc in arcs), "what the child ran is in the data"


def test_a_grandchild_has_its_grandparents_lines_as_well(project: Project) -> None:
    """What coverage.py had not saved is copied with each fork."""
    forking = FORKING.replace(
        "        work()\n        sys.exit(0)\n", "        pid = os.fork()\n        work()\n        sys.exit(0)\n"
    )
    project.write("toy/forking.py", forking)
    project.replace(
        "pyproject.toml", "[tool.afterawait.env]", 'setup = "python -m toy.forking"\n\n[tool.afterawait.env]'
    )

    ended = project.run()

    assert ended.status in {0, 2}, ended.output
    assert len(list(project.run_folder.glob("process-*.json"))) > 4


def test_a_pools_worker_that_is_killed_while_it_saves_has_lost_nothing(project: Project) -> None:
    """It ran no measured line: an empty data file of its is no reason to refuse a sound run."""
    project.write("toy/forking.py", FORKING)
    project.replace(
        "pyproject.toml", "[tool.afterawait.env]", 'setup = "python -m toy.forking"\n\n[tool.afterawait.env]'
    )
    assert project.run().status in {0, 2}
    records = [json.loads(path.read_text()) for path in project.run_folder.glob("process-*.json")]
    setup = next(each["pid"] for each in records if each["role"] == "setup")
    children = [each["pid"] for each in records if each["parent"] == setup]
    [worker] = [pid for pid in children if not list(project.run_folder.glob(f"witness-{pid}-*"))]
    for path in project.run_folder.glob(f".coverage.*pid{worker}.*"):
        path.unlink()
    (project.run_folder / f".coverage.vm.pid{worker}.XAbCdEfx").touch()

    ended = project.run(str(project.run_folder), module="combine")

    assert ended.status in {0, 2}, ended.output
    assert "is damaged" not in ended.output


def test_a_server_killed_while_it_saves_is_in_the_layer(judged: Project) -> None:
    """Its data file is damaged, and named; what it ran is known all the same."""
    shutil.copytree(judged.run_folder, judged.root / "artifact")
    records = (judged.root / "artifact").glob("process-*.json")
    [record] = [each for each in records if '"role": "server"' in each.read_text()]
    [data] = (judged.root / "artifact").glob(f".coverage.*.pid{json.loads(record.read_text())['pid']}.*")
    data.write_bytes(data.read_bytes()[:5000])

    ended = judged.run("artifact", module="combine")

    assert ended.status == 3, ended.output
    assert f"{data.name} is damaged" in ended.output
    layer = json.loads((judged.root / ".afterawait/latest/killed.json").read_text())
    assert line("number *= 2") in layer["files"][str((judged.root / "toy/main.py").resolve())]["only here"]


def test_a_forked_child_that_leaves_by_exit_is_believed(project: Project) -> None:
    """As multiprocessing's forked processes do: it saves what it ran before."""
    project.replace(
        "toy/main.py",
        "def in_thread():\n",
        "def gone():\n    os._exit(0)\n\n\ndef in_thread():\n    pid = os.fork()\n    if not pid:\n        gone()\n"
        "    os.waitpid(pid, 0)\n",
    )

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "2 processes" in ended.output


def test_a_forked_child_that_is_killed_is_named(project: Project) -> None:
    """What it ran is in the layer, and the run is not believed; of its end is said what was seen."""
    project.replace(
        "toy/main.py",
        "def in_thread():\n",
        "def gone():\n    os.kill(os.getpid(), 9)\n\n\ndef in_thread():\n    pid = os.fork()\n    if not pid:\n"
        "        gone()\n    os.waitpid(pid, 0)\n",
    )

    ended = project.run()

    assert ended.status == 3, ended.output
    assert re.search(r"The child process \d+, forked by the server process \d+, was killed", ended.output)
    layer = json.loads((project.root / ".afterawait/latest/killed.json").read_text())
    assert layer["processes"][0].startswith("child ")


@pytest.mark.parametrize("which", ["supervisor", "worker"])
def test_a_death_among_worker_processes_is_named_and_survived(project: Project, which: str) -> None:
    """The supervisor is replaced at the same address once its workers are gone; a worker by uvicorn itself."""
    victim = "server.pid" if which == "supervisor" else "sorted(server.worker_pids())[0]"
    project.write(
        "tests/test_toy.py",
        "import os, signal, psutil\n\n\ndef test_kill(http, server):\n"
        f"    victim = psutil.Process({victim})\n    victim.kill()\n    psutil.wait_procs([victim], 20)\n\n\n"
        "def test_next(server, base_url):\n    import httpx\n"
        "    assert httpx.Client(transport=httpx.HTTPTransport(retries=5)).get(base_url + '/thread').text\n",
    )

    ended = project.run("--workers", "2")

    assert ended.status == 1, ended.output
    assert "2 passed" in ended.output
    assert "during tests/test_toy.py::test_kill" in ended.output
