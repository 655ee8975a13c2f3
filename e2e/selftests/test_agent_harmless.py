"""The agent fails, and the application runs as if it were not there. Programs in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from e2e.selftests.project import ROOT
from e2e.selftests.witnessed_place import TIMEOUT, WORK, Place

COVERAGERC = """\
[run]
branch = true
concurrency = greenlet, thread
core = ctrace
parallel = true
source = {measured}
"""

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
BOOM = """
def boom(*arguments, **more):
    raise RuntimeError("boom")
"""


@dataclass
class Ended:
    """A program that is over, and the record that it left."""

    printed: list[str]
    errors: str
    record: dict[str, Any] = field(default_factory=dict)


def run(place: Place, program: str, **variables: str) -> Ended:
    """Run a program in a process that coverage.py and the witness measure; it must end well."""
    rcfile = place.root / "coveragerc"
    rcfile.write_text(COVERAGERC.format(measured=place.measured), encoding="utf-8")
    path = [str(ROOT), str(place.measured), os.environ.get("PYTHONPATH", "")]
    variables = {
        "AFTERAWAIT_RUN": str(place.run),
        "AFTERAWAIT_SOURCE": str(place.measured),
        "COVERAGE_PROCESS_START": str(rcfile),
        "COVERAGE_FILE": str(place.root / "data"),
        "PYTHONPATH": os.pathsep.join(each for each in path if each),
    } | variables
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    records = sorted(place.run.glob("process-*.json")) if place.run.is_dir() else []
    record = json.loads(records[0].read_text()) if records else {}
    return Ended(done.stdout.splitlines(), done.stderr, record)


@pytest.mark.parametrize("kind", ["none", "a file"])
def test_without_a_run_folder_the_program_runs(place: Place, kind: str) -> None:
    """Removed under its feet, say: standard error says so."""
    place.run.rmdir()
    if kind == "a file":
        place.run.write_text("")

    ended = run(place, "print('ran')")

    assert ended.printed == ["ran"]
    assert "afterawait: cannot write" in ended.errors


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        pytest.param("startup.witness.note_role = boom; startup.note(role='x')", "role cannot be noted", id="role"),
        pytest.param("startup.witness.freeze = boom; startup.freeze()", "witness cannot be stopped", id="freeze"),
        pytest.param(
            "stop = coverage.Coverage.stop; coverage.Coverage.stop = boom; startup.freeze(); "
            "coverage.Coverage.stop = stop",
            "coverage.py cannot be stopped",
            id="stop",
        ),
        pytest.param("startup.recorder.update = boom; fork()", "a forked child is not told apart", id="fork"),
        pytest.param("startup.note(role={1, 2})", "cannot write", id="no JSON"),
        pytest.param("startup.recorder = None; startup._begin = boom; startup.begin()", "not measured", id="begin"),
    ],
)
def test_a_failure_of_the_agent_is_said_and_goes_no_further(place: Place, call: str, complaint: str) -> None:
    """Each call that the application's processes go through."""
    program = f"""
import coverage, os
from afterawait.agent import startup
{BOOM}
def fork():
    pid = os.fork()
    if not pid:
        os._exit(0)
    os.waitpid(pid, 0)

{call}
print("ran")
"""

    ended = run(place, program)

    assert ended.printed == ["ran"]
    assert complaint in ended.errors
    assert "Traceback" not in ended.errors


REQUEST = '{"type": "http", "method": "GET", "path": "/", "headers": []}'


@pytest.mark.parametrize(
    ("before", "scope", "message"),
    [
        pytest.param("asgi.test_id = boom", '{"type": "http", "headers": [(b"baggage", b"")]}', "{}", id="baggage"),
        pytest.param("startup.witness.request = boom", REQUEST, '{"type": "x"}', id="request"),
        pytest.param("startup.witness._row = boom", REQUEST, '{"type": "x"}', id="row"),
        pytest.param("", '{"type": "http"}', '{"type": "x"}', id="a scope of nothing"),
        pytest.param("", REQUEST, "None", id="a message that is none"),
        pytest.param("", REQUEST, '{"type": "http.response.start", "status": 10**9}', id="a status beyond all"),
        pytest.param("", REQUEST, '{"type": "http.response.start", "status": "good"}', id="a status in words"),
        pytest.param("startup.recorder = 1", '{"type": "lifespan"}', '{"type": "lifespan.startup.failed"}', id="note"),
    ],
)
def test_whatever_cannot_be_noted_of_a_request_is_served(place: Place, before: str, scope: str, message: str) -> None:
    """The application gets its scope, and the server the application's message, as they are."""
    program = f"""
from afterawait.agent import asgi, startup, canary
{BOOM}
MESSAGE = {message}

async def app(scope, receive, send):
    await send(MESSAGE)

async def send(message):
    print(message is MESSAGE)

async def crossed():
    return canary.Crossing("")

asgi.canary.run = crossed
{before}
try:
    asgi.Watched(app)({scope}, None, send).send(None)
except StopIteration:
    print("served")
startup.recorder = None
"""

    ended = run(place, program)

    assert ended.printed == ["True", "served"]


@pytest.mark.parametrize("value", ["None", "{}", "[]", "'a word'"])
def test_an_application_may_set_every_context_variable(place: Place, value: str) -> None:
    """Frameworks that copy contexts by hand do: the lines are then credited to nobody in particular."""
    place.source("subject.py", WORK)

    ended = run(
        place,
        f"""
        import contextvars
        from afterawait.agent import startup
        startup.witness.enter("test")
        for variable in contextvars.copy_context():
            variable.set({value})
        import subject
        print(subject.work(True))
        """,
    )

    assert ended.printed == ["yes"]
    [witness] = place.witnesses()
    assert witness.lines == {str(place.measured / "subject.py"): {1, 2, 3}}
    assert witness.lost == 0


def test_a_module_whose_file_is_no_name_runs(place: Place) -> None:
    """Generated code gives itself any `__file__`: the witness counts what it cannot place."""
    ended = run(
        place,
        """
        exec(compile("print('ran')", "relative.py", "exec"), {"__file__": object()})
        """,
    )

    assert ended.printed == ["ran"]
    assert [witness.lost for witness in place.witnesses()] == [1]


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


def test_standard_error_may_be_closed(place: Place) -> None:
    """Then there is nobody to complain to."""
    ended = run(
        place,
        f"""
        import os, sys
        from afterawait.agent import startup
        sys.stderr.close()
        startup.recorder.folder = startup.Path({str(Path("/nowhere"))!r})
        startup.note(served=True)
        print("ran")
        """,
    )

    assert ended.printed == ["ran"]
