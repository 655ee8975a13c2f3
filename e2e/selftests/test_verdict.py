"""A run whose measurement cannot be believed exits 3, each cause with a sentence of its own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from afterawait.evidence.data_files import DataFile
from afterawait.judge.sources import lines_without_code
from e2e.selftests.project import Project


def test_a_right_measurement_is_believed(finished_with_session: Project) -> None:
    """A project as it stands: every line seen past greenlet and thread, exit 0."""
    ended = finished_with_session.ended

    assert ended.status == 0, ended.output
    assert "canary alive in each" in ended.output
    assert "toy 100.00 % of lines and branches: the gate is passed" in ended.output


@pytest.mark.parametrize(
    ("rcfile", "sentence"),
    [
        ("", "was not measured: COVERAGE_PROCESS_START is not set"),
        (".coveragerc", "was not measured: COVERAGE_PROCESS_START is relative: .coveragerc"),
        ("/nowhere/.coveragerc", "was not measured: coverage did not start: Couldn't read '/nowhere/.coveragerc'"),
    ],
    ids=["unset", "relative", "missing"],
)
def test_a_server_that_coverage_never_started_in_is_named(project: Project, rcfile: str, sentence: str) -> None:
    """A wrong COVERAGE_PROCESS_START lets the server run unmeasured: the header and the verdict say so."""
    project.replace(
        "pyproject.toml", "[tool.afterawait.env]", f'[tool.afterawait.env]\nCOVERAGE_PROCESS_START = "{rcfile}"'
    )

    ended = project.run()

    assert ended.status == 3, ended.output
    assert "NOT MEASURED" in ended.output
    assert re.search(rf"The server process \d+ {re.escape(sentence)}", ended.output), ended.output


def test_odd_things_that_an_application_does_are_no_fault(project: Project) -> None:
    """It constructs coverage.py's object, which would turn off the saving of the one that runs, without another sign.

    And it makes code under its file's name: both recorders see it, so no tracer has lost its place.
    """
    project.replace("toy/main.py", "import asyncio\n", "import asyncio\n\nimport coverage\n\ncoverage.Coverage()\n")
    project.replace(
        "toy/main.py",
        "async def lifespan",
        'exec(compile("\\n" * 900 + "late = 1", __file__, "exec"))\n\n\nasync def lifespan',
    )

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "toy 100.00 % of lines and branches: the gate is passed" in ended.output


def test_a_worker_that_leaves_by_exit_is_believed(project: Project) -> None:
    """os._exit skips coverage.py's saving, and not ours."""
    project.replace(
        "toy/main.py",
        '    await receive()\n    await send({"type": "lifespan.shutdown',
        '    await receive()\n    os._exit(0)\n    await send({"type": "lifespan.shutdown',
    )

    ended = project.run("--workers", "2")

    assert "The gate" not in ended.output
    assert ended.status == 2, ended.output
    assert "agree on" in ended.output


def test_another_tracer_than_the_lanes_is_named(project: Project) -> None:
    """The Python tracer is slow and on some versions lossy: the record says which one measured."""
    variables = 'AFTERAWAIT_CORE = "pytrace"\nAFTERAWAIT_CONCURRENCY = "thread"\n'
    project.replace("pyproject.toml", "[tool.afterawait.env]\n", f"[tool.afterawait.env]\n{variables}")

    ended = project.run()

    assert ended.status == 3, ended.output
    assert "was measured by PyTracer, not by CTracer" in ended.output


def test_a_source_that_leaves_the_application_out_is_named(project: Project) -> None:
    """A server that served without one line of the application in its data was not measured at all."""
    project.replace(".coveragerc", "    toy\n    tests\n", "    tests\n")

    ended = project.run()

    assert ended.status == 3, ended.output
    assert "served, but its data hold no line of toy" in ended.output


def test_a_recorded_line_that_holds_no_code_is_named(tmp_path: Path) -> None:
    """A tracer that lost its place records lines of one file under another's name, and the witness does not."""
    path = tmp_path / "a.py"
    path.write_text("a = 1\n", encoding="utf-8")
    data = DataFile(tmp_path / "data", 1, branches=True, lines={str(path): frozenset({1, 901})}, canary=frozenset())

    strange, [fault] = lines_without_code([data], [], [tmp_path])

    assert strange == {str(path): {901}}
    assert f"{path}: lines 901 were recorded, and hold no code" in fault.message


def test_a_server_stopped_from_outside_without_sigterm_loses_nothing(project: Project) -> None:
    """With `sigterm = false` a plain uvicorn saves nothing at SIGTERM; the agent's saves all."""
    project.replace(".coveragerc", "sigterm = true", "sigterm = false")
    project.write(
        "tests/test_zz_last.py",
        "import os, signal\n\n\ndef test_stop(http, server):\n    assert http.get('/thread').status_code == 200\n"
        "    os.kill(server.pid, signal.SIGTERM)\n    server._process.wait(20)\n",
    )

    ended = project.run()

    assert ended.status == 1, ended.output
    assert "The server ended with exit code 0 during tests/test_zz_last.py::test_stop" in ended.output
    assert "canary alive in each" in ended.output
    assert "toy 100.00 %" in ended.output


def test_a_server_that_must_be_forced_saves_and_is_not_believed(project: Project) -> None:
    """A thread that never ends cannot hold up the run: coverage.py saves once, and the verdict says so."""
    project.replace(
        "toy/main.py",
        "import asyncio\n",
        "import asyncio\nimport threading\n\nthreading.Thread(target=threading.Event().wait).start()\n",
    )
    project.replace("pyproject.toml", "[tool.afterawait.env]", "grace = 1\n\n[tool.afterawait.env]")

    ended = project.run()

    assert ended.status == 3, ended.output
    assert "had to be stopped by force" in ended.output
    assert "toy 100.00 %" in ended.output


def test_sources_that_changed_since_they_were_measured_are_named(judged: Project) -> None:
    """However small the change: what was measured says nothing about what stands there now."""
    shutil.copytree(judged.run_folder, judged.root / "artifact")
    judged.replace("toy/main.py", '"double" in query', '"triple" in query')

    ended = judged.run("artifact", module="combine")

    assert ended.status == 3, ended.output
    assert "The sources are not those that were measured: toy/main.py." in ended.output


def test_a_run_without_branches_says_so(project: Project) -> None:
    """Where the project's own file asks for lines alone, they gate, and no branch is claimed."""
    project.replace(".coveragerc", "${AFTERAWAIT_BRANCH-true}", "false")

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "of lines (branch = false): the gate is passed" in ended.output


def test_a_server_without_branches_in_a_run_with_them_is_named(project: Project) -> None:
    """The gate is of lines and branches: half of it is not passed in silence."""
    project.replace("pyproject.toml", "[tool.afterawait.env]\n", '[tool.afterawait.env]\nAFTERAWAIT_BRANCH = "false"\n')

    ended = project.run()

    assert ended.status == 3, ended.output
    assert "was measured without branches" in ended.output


def test_a_file_that_coverage_was_not_told_of_is_named(project: Project) -> None:
    """What is below the gated folders and in no report would pass the gate unseen."""
    project.replace(".coveragerc", "    toy\n    tests\n", "    toy.main\n    tests\n")
    project.write("toy/other.py", "never = 'imported'\n")

    ended = project.run()

    assert ended.status == 3, ended.output
    assert "coverage.py did not look at" in ended.output
    assert "toy/other.py" in ended.output
    assert "the gate is passed" not in ended.output


def test_a_test_process_that_leaves_by_exit_is_not_taken_for_success(project: Project) -> None:
    """pytest's exit code is 0 then, though nobody finished anything."""
    project.write("tests/test_zz.py", "import os\n\n\ndef test_leave():\n    os._exit(0)\n")

    ended = project.run()

    assert ended.status == 1, ended.output
    assert "pytest ended before its session was finished" in ended.output


def test_an_xdist_worker_that_leaves_by_exit_is_named(project: Project) -> None:
    """pytest-xdist replaces it without a word: its data, and what it had to say, are gone, and nothing gates."""
    project.write(
        "tests/conftest.py",
        "import os\n\npytest_plugins = ['afterawait.plugin.hooks']\n\n\ndef pytest_sessionfinish(session):\n"
        "    if getattr(session.config, 'workerinput', {}).get('workerid') == 'gw0':\n        os._exit(9)\n",
    )

    ended = project.run("-n", "2")

    assert ended.status == 3, ended.output
    assert "The test process gw0 ended without a word." in ended.output
    combined = project.run(".afterawait/latest", module="combine")
    assert combined.status == 3, combined.output
    for each in (ended, combined):
        assert "no gate: the measurement cannot be trusted" in each.output


EACH = [pytest.param(folder, marks=pytest.mark.full) for folder in ("a#b", "a?b", "a[1]", "a%20b", "a b")]


@pytest.mark.parametrize("folder", ["a b#c?d[1]%20", *EACH])
def test_a_checkout_may_be_called_as_its_user_likes(tmp_path: Path, folder: str) -> None:
    """Characters that mean something in URLs and patterns are only characters here."""
    project = Project(tmp_path / folder)

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "the gate is passed" in ended.output
    assert [path.name for path in tmp_path.iterdir()] == [folder]
