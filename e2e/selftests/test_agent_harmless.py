"""The agent fails, and the application runs as if it were not there. Programs in processes of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.selftests.measured_program import BOOM, run
from e2e.selftests.witnessed_place import WORK, Place


@pytest.mark.parametrize("kind", ["none", "a file"])
def test_without_a_run_folder_the_program_runs(place: Place, kind: str) -> None:
    """Removed under its feet, say, where coverage.py may make it anew; else standard error says so."""
    place.run.rmdir()
    if kind == "a file":
        place.run.write_text("")

    ended = run(place, "print('ran')")

    assert ended.printed == ["ran"]
    assert ("afterawait: cannot write" in ended.errors) == (kind == "a file")


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        pytest.param("startup.witness.note_role = boom; startup.note(role='x')", "role cannot be noted", id="role"),
        pytest.param(
            "startup.witness.freeze = boom; startup.saving.freeze()", "witness cannot be stopped", id="freeze"
        ),
        pytest.param(
            "stop = coverage.Coverage.stop; coverage.Coverage.stop = boom; startup.saving.freeze(); "
            "coverage.Coverage.stop = stop",
            "coverage.py cannot be stopped",
            id="coverage",
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
