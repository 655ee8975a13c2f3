"""What a run makes of the witness: contexts, cross-examination, shards. Test process."""

from __future__ import annotations

import shutil

import pytest
from coverage import CoverageData

from afterawait import protocol
from afterawait.evidence import recordings
from afterawait.reports.contexts import ACROSS
from e2e.selftests.project import Project
from e2e.selftests.witnessed import contexts, line

LINES = (
    "number *= 2",
    "found = await session",
    'answer = "from"',
    "async def greenlet",
    "route = {",
    "await lifespan(receive",
)


@pytest.mark.parametrize(
    "how", [("-n0",), ("-n", "2", "--workers", "2"), ("--fast",)], ids=["plain", "xdist and workers", "fast"]
)
def test_each_line_has_the_tests_that_ran_it_as_contexts(
    project: Project, finished_with_session: Project, how: tuple[str, ...]
) -> None:
    """Exactly those; "" is import and start-up. However the run is split, its arcs are the same."""
    ended = project.with_session().run(*how)

    assert ended.status == 0, ended.output
    found = {text: contexts(project)[line(text, "with_session")] for text in LINES}
    tests = "tests/test_toy.py::test_"
    assert found["number *= 2"] == [f"{tests}double"]
    assert found["found = await session"] == [f"{tests}double", f"{tests}greenlet"]
    assert found['answer = "from"'] == [f"{tests}thread"]
    assert found["async def greenlet"] == [""]
    assert found["route = {"] == [f"{tests}double", f"{tests}greenlet", f"{tests}thread"]
    # It begins at start-up and ends beside all requests: no context has both ends of the way between.
    assert set(found["await lifespan(receive"]) - {ACROSS} == {""}
    assert "--fast" in how or project.arcs() == finished_with_session.arcs()


def test_fast_measures_lines_alone_and_says_so(project: Project) -> None:
    """What coverage.py says of branches under sys.monitoring may be false: none are claimed."""
    ended = project.run("--fast")

    assert ended.status == 0, ended.output
    assert "SysMonitor, concurrency = thread" in ended.output
    branches = CoverageData(basename=str(project.root / ".coverage"))
    branches.read()
    assert not branches.has_arcs()
    assert "toy 100.00 % of lines (--fast measures no branches)" in ended.output
    assert contexts(project)[line("number *= 2")] == ["tests/test_toy.py::test_double"]


LOST = "coverage.py lost lines that ran in the server process"


def test_a_tracer_that_the_application_removes_is_found_out(project: Project) -> None:
    """The canary lives, the data file is whole, and lines are missing all the same."""
    project.replace("toy/main.py", "async def thread(query):\n", "async def thread(query):\n    sys.settrace(None)\n")
    project.replace("toy/main.py", "import os\n", "import os\nimport sys\n")

    ended = project.run("-p", "no:randomly")

    assert ended.status == 3, ended.output
    assert LOST in ended.output
    assert "At its end coverage.py's trace function was gone" in ended.output
    assert "toy/main.py: " in ended.output


def test_a_witness_that_the_application_switches_off_is_found_out(project: Project) -> None:
    """Nobody vouches for coverage.py then."""
    off = "async def thread(query):\n    sys.monitoring.set_events(3, 0)\n    sys.monitoring.free_tool_id(3)\n"
    project.replace("toy/main.py", "async def thread(query):\n", off)
    project.replace("toy/main.py", "import os\n", "import os\nimport sys\n")

    ended = project.run()

    assert ended.status == 3, ended.output
    assert "The witness lacks lines that coverage.py recorded in the server process" in ended.output


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:70_000]), "it is cut off after 70000", id="cut"),
        pytest.param(lambda path: path.write_bytes(b""), "it is empty", id="empty"),
        pytest.param(lambda path: path.write_bytes(b"x" * 300_000), "it is no witness file", id="foreign"),
        pytest.param(lambda path: path.unlink(), "The witness file of the server process", id="missing"),
    ],
)
def test_a_damaged_witness_file_is_named_and_left_out(judged: Project, damage, sentence: str) -> None:  # type: ignore[no-untyped-def]
    """The reports are made of the rest, and the run is not believed."""
    shutil.copytree(judged.run_folder, judged.root / "artifact")
    [server] = [
        path
        for path in (judged.root / "artifact").glob(protocol.WITNESS_FILES)
        if recordings.read(path).role == "server"
    ]
    damage(server)

    ended = judged.run("artifact", module="combine")

    assert ended.status == 3, ended.output
    assert sentence in ended.output
    assert "Traceback" not in ended.output
    assert "reports      htmlcov" in ended.output


def test_a_source_that_changes_under_a_run_is_named(project: Project) -> None:
    """What the server imported is not what the run began with: whose lines would they be?"""
    project.write(
        "tests/conftest.py",
        "import pathlib\n\npytest_plugins = ['afterawait.plugin.hooks']\n\n\ndef pytest_configure():\n"
        "    path = pathlib.Path('toy/main.py')\n    path.write_text(path.read_text() + '\\n')\n",
    )

    ended = project.run()

    assert ended.status == 3, ended.output
    assert "ran other sources than the run began with" in ended.output


def test_a_server_without_a_witness_is_named(project: Project) -> None:
    """Nobody vouches for it, however whole its data are."""
    project.replace("pyproject.toml", "[tool.afterawait.env]", '[tool.afterawait.env]\nAFTERAWAIT_SOURCE = ""')

    ended = project.run()

    assert ended.status == 3, ended.output
    assert "no witness was asked for in it" in ended.output


def test_a_process_that_left_no_record_is_named(project: Project) -> None:
    """coverage.py alone was started in it; who it was and what it missed nobody knows."""
    program = "'import sys; sys.path.insert(0, \".\"); import toy.other'"
    project.write("toy/other.py", "x = 1\n")
    project.replace(
        "toy/main.py",
        "def in_thread():\n",
        "def in_thread():\n    import subprocess, sys\n"
        "    rest = os.environ | {'AFTERAWAIT_RUN': ''}\n"
        f"    subprocess.run([sys.executable, '-c', {program}], env=rest, check=True)\n",
    )

    ended = project.run()

    assert ended.status == 3, ended.output
    assert "ran lines of the application and left no record of itself" in ended.output


def test_work_without_a_context_is_told_apart_from_startup(project: Project) -> None:
    """Raw threads inherit none: their lines are beside all requests, and no test's."""
    project.replace(
        "toy/main.py",
        "    return await asyncio.to_thread(in_thread)\n",
        "    return await asyncio.get_running_loop().run_in_executor(None, in_thread)\n",
    )

    ended = project.run()

    assert ended.status == 0, ended.output
    text = (project.root / "toy/main.py").read_text().splitlines()
    found = contexts(project)[text.index('    answer = "from"') + 1]
    assert found == ["(beside requests)"]


def test_shards_of_both_lanes_are_not_mixed(project: Project) -> None:
    """coverage.py cannot merge lines with branches: the two ways are named."""
    for index, how in ((1, ()), (2, ("--fast",))):
        assert project.run("--shard", f"{index}/2", *how).status == 0
        shutil.copytree(project.run_folder, project.root / "artifacts" / str(index))

    ended = project.run("artifacts", module="combine")

    assert ended.status == 3, ended.output
    assert "measured in different ways: ctrace with branches and sysmon without branches." in ended.output


def test_a_tests_id_is_the_same_however_the_run_is_split(project: Project) -> None:
    """pytest-xdist appends a group's name to ids, whatever is in it; unprintable ones are escaped alike everywhere."""
    project.write(
        "tests/test_toy.py",
        "import pytest\n\n\n@pytest.mark.xdist_group('to/get:her]')\n"
        "@pytest.mark.parametrize('x', [1, 2], ids=['y' * 3000, 'a\\xa0b'])\n"
        "def test_thread(http, x):\n    assert http.get('/thread').text\n",
    )
    project.replace("pyproject.toml", "addopts = [", 'addopts = ["--dist=loadgroup", ')
    plain = project.run("-k", "thread")
    alone = contexts(project)[line('answer = "from"')]

    split = project.run("-n", "2", "-k", "thread")

    assert (plain.status, split.status) == (0, 0), split.output
    assert contexts(project)[line('answer = "from"')] == alone
    assert len(alone) == 2
    assert not any("@" in name for name in alone)


def test_a_request_is_credited_to_a_test_by_the_runs_key_alone(project: Project) -> None:
    """A stranger's baggage is not believed; an id that cannot be told is counted, and costs the run nothing."""
    project.write(
        "tests/test_by_hand.py",
        """\
import os

import httpx


def ask(url, name, key=""):
    headers = [("baggage", "user=1"), ("baggage", f"test.case.name={name}"), ("baggage", f"afterawait.run={key}")]
    return httpx.get(url, headers=headers)


def test_by_hand(base_url):
    ask(f"{base_url}/count?double=1", "by+hand", os.environ["AFTERAWAIT_KEY"])
    ask(f"{base_url}/count?double=1", "a+stranger", "guessed")
    ask(f"{base_url}/thread", "%00", os.environ["AFTERAWAIT_KEY"])
""",
    )

    ended = project.run()

    assert ended.status == 0, ended.output
    found = contexts(project)
    assert found[line("number *= 2")] == ["(requests of no test)", "by hand", "tests/test_toy.py::test_double"]
    assert found[line('answer = "from"')] == ["(overflow)", "tests/test_toy.py::test_thread"]
    assert "unnamed      1 request with an id that is not printable, over 4,096 bytes as it is sent," in ended.output
