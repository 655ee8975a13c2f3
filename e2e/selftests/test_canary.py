"""The canary: it proves each process's measurement, whatever measures it, and never stands in the way. Test process."""

from __future__ import annotations

import os
import shutil

import pytest

from e2e.selftests.measured_program import BOOM, run
from e2e.selftests.project import ROOT, Project
from e2e.selftests.witnessed_place import Place

DRIVE = """
import asyncio, sys
from afterawait.agent import asgi, startup

async def app(scope, receive, send):
    await send({"type": "lifespan.startup.complete"})

async def send(message):
    print(message["type"])

async def main():
    await asgi.Watched(app)({"type": "lifespan"}, None, send)
"""
BY_HAND = """
coroutine = main()
try:
    coroutine.send(None)
    print("it waits for a loop of its own choice")
except StopIteration:
    pass
"""


@pytest.mark.parametrize(
    ("concurrency", "lost"), [("thread", "greenlet"), ("greenlet", "thread")], ids=["thread alone", "greenlet alone"]
)
def test_a_concurrency_that_loses_lines_is_caught_by_the_canary(project: Project, concurrency: str, lost: str) -> None:
    """With one of the two settings alone the canary's lines on the other side are missing."""
    project.with_session().replace(".coveragerc", "${AFTERAWAIT_CONCURRENCY-greenlet, thread}", concurrency)

    ended = project.run()

    assert ended.status == 3, ended.output
    assert f"lost lines after crossing a {lost}" in ended.output
    assert "Set `concurrency = greenlet, thread` in the coverage configuration." in ended.output


@pytest.mark.parametrize(
    ("setting", "layout"),
    [
        pytest.param("source =\n    toy\n    tests\n", "", id="folders"),
        pytest.param("source_pkgs =\n    toy\nsource =\n    tests\n", "", id="a package"),
        pytest.param("source_pkgs =\n    toy\nsource =\n    tests\n", "src/", id="a package in src"),
        pytest.param("include =\n    toy/*\n    tests/*\n", "", id="patterns"),
        pytest.param("source =\n    .\nomit =\n    .afterawait/*\n", "", id="everything"),
        pytest.param("relative_files = true\nsource =\n    toy\n    tests\n", "", id="relative names"),
    ],
)
def test_the_canary_is_measured_wherever_the_application_is(project: Project, setting: str, layout: str) -> None:
    """However a configuration says what is measured, it need not name the canary."""
    project.replace(".coveragerc", "source =\n    toy\n    tests\n", setting)
    if layout:
        shutil.copytree(project.root / "toy", project.root / layout / "toy")
        shutil.rmtree(project.root / "toy")
        project.replace("pyproject.toml", 'source = ["toy"]', f'source = ["{layout}toy"]')
    env = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(project.root / layout)])}

    ended = project.run(env=env)

    assert "canary crossed thread" in ended.output, ended.output
    assert "canary alive in each" in ended.output
    assert "lost" not in ended.output


def test_a_canary_that_is_left_out_leaves_the_judgement_to_the_witness(project: Project) -> None:
    """A sound run stays sound: the run says that the canary proved nothing, and why."""
    project.replace(".coveragerc", "branch =", "omit = */_after*\nbranch =")

    ended = project.run()

    assert "canary alive in 0 (coverage.py does not measure" in ended.output
    assert "_afterawait_canary.py: it is inside an --omit pattern)" in ended.output
    assert ended.status == 0, ended.output


def test_without_its_canary_a_lossy_run_is_still_found_out(project: Project) -> None:
    """By the lines that hold no code; the witness is not accused of lacking them."""
    project.with_session().replace(".coveragerc", "branch =", "omit = */_after*\nbranch =")
    project.replace(".coveragerc", "${AFTERAWAIT_CONCURRENCY-greenlet, thread}", "thread")

    ended = project.run()

    assert ended.status == 3, ended.output
    assert "were recorded, and hold no code: the tracer lost its place" in ended.output
    assert "Set `concurrency = greenlet, thread` in the coverage configuration." in ended.output
    assert "lines that coverage.py recorded in the server process" not in ended.output


def test_the_canary_needs_no_event_loop_of_its_own(place: Place) -> None:
    """It runs in a coroutine that nobody but its caller drives: whatever the server's loop is."""
    ended = run(place, DRIVE + BY_HAND)

    assert ended.printed == ["lifespan.startup.complete"]
    assert (ended.record["canary"], ended.record["canary_error"]) == ("thread", "")
    assert ended.record["served"]


@pytest.mark.parametrize("loaded", ["", "import sqlalchemy.ext.asyncio\n"], ids=["alone", "with SQLAlchemy"])
def test_the_canary_runs_under_trio(place: Place, loaded: str) -> None:
    """As with `hypercorn -k trio`: asyncio is there, perhaps, and its loop is not."""
    pytest.importorskip("trio")

    ended = run(place, loaded + DRIVE + "import trio\ntrio.run(main)\n")

    assert ended.printed == ["lifespan.startup.complete"]
    assert (ended.record["canary"], ended.record["canary_error"]) == ("thread", "")


@pytest.mark.parametrize(
    ("module", "said"),
    [
        pytest.param("", "ImportError: cannot import name 'await_only'", id="another version"),
        pytest.param("raise ValueError('no greenlet here')", "ValueError: no greenlet here", id="without greenlet"),
        pytest.param(
            "await_only = None\nasync def greenlet_spawn(*_): raise ZeroDivisionError('odd')",
            "ZeroDivisionError: odd",
            id="one that fails",
        ),
    ],
)
def test_a_broken_sqlalchemy_breaks_no_start_up(place: Place, module: str, said: str) -> None:
    """The canary says what it could not cross, and crosses the rest."""
    package = place.root / "broken" / "sqlalchemy" / "util"
    package.mkdir(parents=True)
    for name, text in {"../__init__.py": "", "__init__.py": "", "concurrency.py": module}.items():
        (package / name).write_text(text, encoding="utf-8")
    start = f"import sys\nsys.path.insert(0, {str(place.root / 'broken')!r})\nimport sqlalchemy\n"

    ended = run(place, start + DRIVE + "asyncio.run(main())\n")

    assert ended.printed == ["lifespan.startup.complete"]
    assert ended.record["canary"] == "thread"
    assert ended.record["canary_error"].startswith(said)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        pytest.param("threading.Thread.start = boom", "RuntimeError: boom", id="no thread"),
        pytest.param("coverage.Coverage._should_trace = boom", "RuntimeError: boom", id="another coverage.py"),
        pytest.param("os.environ.pop('AFTERAWAIT_SOURCE')", "no measured folder is known", id="no source"),
        pytest.param("coverage.Coverage.current().stop(); coverage.Coverage._instances.clear()", "", id="no coverage"),
    ],
)
def test_a_canary_that_cannot_run_says_why(place: Place, before: str, said: str) -> None:
    """It proves nothing then, and the application starts."""
    ended = run(place, f"import coverage, os, threading\n{BOOM}{DRIVE}\n{before}\n{BY_HAND}")

    assert ended.printed == ["lifespan.startup.complete"]
    assert ended.record["canary"] == ""
    assert ended.record["canary_error"].startswith(said or "coverage.py measures nothing here")
