"""Where the witness could come short or get in the way: many tests, deep stacks, threads, forks, odd contexts."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from afterawait.agent.witness.attribution import BESIDE, OPEN_ROWS
from afterawait.agent.witness.format import RowKind
from afterawait.evidence import recordings
from e2e.selftests.measured_program import run
from e2e.selftests.witnessed_place import Place
from e2e.selftests.witnessed_rows import LINES, measured_sources, only_file, rows_in, store

DEEP = """
import sys


def depth():
    frame, count = sys._getframe(), 0
    while frame is not None:
        frame, count = frame.f_back, count + 1
    return count


def down(left):
    if left:
        return down(left - 1)
    return bottom()


def bottom():
    a = 1
    b = a + 1
    return depth()


def bottomless(count):
    try:
        return bottomless(count + 1)
    except RecursionError:
        return count
"""


@pytest.mark.parametrize("core", ["ctrace", "sysmon"])
def test_the_application_has_all_of_its_stack(place: Place, core: str) -> None:
    """Down to the last frame of its own limit, in code that runs there for the first time; the limit is as it was."""
    place.source("deep.py", DEEP)
    program = """
import sys
bare = sys.getrecursionlimit()
import deep
sys.setrecursionlimit(300)
assert (bare, sys.getrecursionlimit()) == (1000, 300)
deep.down(300 - 5)
print(deep.bottomless(0) > 250)
for wrong in (0, -1):
    try:
        sys.setrecursionlimit(wrong)
    except ValueError as error:
        print(error)
"""

    ended = run(place, program, core=core)

    assert ended.printed == ["True", *["recursion limit must be greater or equal than 1"] * 2]
    assert place.lines()["deep.py"] >= {number for number, text in enumerate(DEEP.splitlines(), 1) if " = a" in text}


def test_more_tests_than_are_kept_open_are_told_apart(tmp_path: Path) -> None:
    """Whoever holds the row of a test that was put away, a task of its, comes back to that test's and no other's."""
    source = measured_sources(tmp_path)
    name = str(source / "one.py")
    rows = rows_in(tmp_path, source)
    tests = [f"test_{number}" for number in range(OPEN_ROWS + 50)]
    held = [rows.row(RowKind.TEST, test) for test in tests]
    again = [rows.row(RowKind.TEST, test) for test in tests[:50]]

    for number, row in enumerate(held):
        store(rows, row, name, 1 + number % LINES)
    for row in again:
        store(rows, row, name, LINES)

    found: dict[str, set[int]] = {}
    for of, _, lines in recordings.read(only_file(tmp_path)).by_row():
        found.setdefault(of.name, set()).update(lines)
    wanted = {test: {1 + number % LINES} for number, test in enumerate(tests)}
    for test in tests[:50]:
        wanted[test] = wanted[test] | {LINES}
    assert found == wanted


def test_a_fork_from_a_test_that_was_put_away_is_that_tests(place: Place) -> None:
    """More than are kept open have begun since: its lines are no other test's, nor in its parent's file."""
    place.source("subject.py", "def work():\n    return 1\n\n\ndef more():\n    return 2\n")
    program = f"""
import os, contextvars, subject
from afterawait.agent import startup
witness = startup.witness
ended = witness.request("GET", b"/", "the first")
subject.work()
context = contextvars.copy_context()
for number in range({OPEN_ROWS + 20}):
    contextvars.Context().run(lambda: (witness.enter(f"test {{number}}"), subject.work()))

def child():
    subject.more()

def fork():
    pid = os.fork()
    if not pid:
        child_context.run(child)
        os._exit(0)
    os.waitpid(pid, 0)

child_context = context
fork()
"""

    place.python(program)

    parent, child = sorted(place.witnesses(), key=lambda each: len(each.rows), reverse=True)
    assert [(row, lines) for row, _, lines in child.by_row()] == [((RowKind.TEST, "the first"), {6})]
    assert all(6 not in lines for _, _, lines in parent.by_row())


def test_settling_a_request_loses_no_line_of_its_session(tmp_path: Path) -> None:
    """Another thread runs lines for the same session all the while."""
    source = measured_sources(tmp_path)
    long = source / "long.py"
    long.write_text("pass\n" * 20_000)
    name = str(long)
    rows = rows_in(tmp_path, source)
    session = rows.row(RowKind.SESSION, "mine")
    request = rows.request(1, session)
    store(rows, request, name, 1)
    store(rows, session, name, 1)
    done = threading.Event()

    def settle() -> None:
        while not done.is_set():
            rows.settle(request)

    thread = threading.Thread(target=settle)
    thread.start()
    for line in range(2, 20_000):
        store(rows, session, name, line)
    done.set()
    thread.join()

    [lines] = [lines for row, _, lines in recordings.read(only_file(tmp_path)).by_row() if row.kind is RowKind.SESSION]
    assert lines == set(range(1, 20_000))


def test_a_websocket_that_outlives_its_slot_is_its_sessions(tmp_path: Path) -> None:
    """Its request's place in the ring is another's by then: what it runs from there on is not."""
    source = measured_sources(tmp_path)
    name = str(source / "one.py")
    rows = rows_in(tmp_path, source)
    session = rows.row(RowKind.SESSION, "mine")
    websocket = rows.request(1, session)
    store(rows, websocket, name, 1)

    later = rows.request(1, session)
    store(rows, websocket, name, 2)
    store(rows, later, name, 3)

    found = {row.kind: lines for row, _, lines in recordings.read(only_file(tmp_path)).by_row()}
    assert found == {RowKind.SESSION: {1, 2}, RowKind.REQUEST: {3}}


def test_work_in_an_empty_context_is_beside_requests(place: Place) -> None:
    """A limit: contextvars.Context().run() leaves the request's context, and with it whose work it is."""
    place.source("subject.py", "def work():\n    return 1\n")
    program = """
import contextvars, subject
from afterawait.agent import startup
startup.witness.request("GET", b"/", "a test")(200)
contextvars.Context().run(subject.work)
"""

    place.python(program)

    [witness] = place.witnesses()
    assert [lines for row, _, lines in witness.by_row() if row == BESIDE] == [{2}]


def test_a_shared_resource_is_its_makers(place: Place) -> None:
    """A limit: a task that serves everybody, a consumer say, works in the context of the test that started it."""
    place.source(
        "subject.py",
        """
        import asyncio
        queue, done = asyncio.Queue(), asyncio.Queue()

        async def consume():
            while job := await queue.get():
                await done.put(job * 2)

        async def ask(job):
            await queue.put(job)
            return await done.get()
        """,
    )
    program = """
import asyncio, contextvars, subject
from afterawait.agent import startup

async def main():
    loop = asyncio.get_running_loop()
    for name in ("maker", "user"):
        context = contextvars.Context()
        context.run(startup.witness.request, "GET", b"/", name)
        if name == "maker":
            consumer = loop.create_task(subject.consume(), context=context)
        await loop.create_task(subject.ask(name), context=context)
    consumer.cancel()

asyncio.run(main())
"""

    place.python(program)

    [witness] = place.witnesses()
    lines = {row.name: lines for row, _, lines in witness.by_row() if row.kind is RowKind.TEST}
    assert lines == {"maker": {6, 7, 10, 11}, "user": {10, 11}}
