"""What the live page makes of witness files and sources, without a server. Test process."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from afterawait.explore.board import Board
from afterawait.explore.sessions import Sessions
from afterawait.explore.sources import Sources
from e2e.selftests.processes import until
from e2e.selftests.witnessed_place import WORK, Place

START, SESSION = 1, 4
NAME = "measured/subject.py"


@pytest.fixture(autouse=True)
def subject(place: Place) -> Path:
    """The one measured file."""
    return place.source("subject.py", WORK)


def board_of(place: Place, session: str = "mine") -> Board:
    """A board that has just been opened."""
    sources = Sources(place.root, ["measured"])
    return Board(place.root, place.run, sources, Sessions(place.root / "sessions"), session)


def serve(place: Place, program: str) -> None:
    """Run `program` in an explored process, which has ended when this returns."""
    place.python(
        f"import subject\nfrom afterawait.agent import startup\nask = startup.witness.request\n{program}",
        {"AFTERAWAIT_EXPLORE": "1"},
    )


def states(board: Board) -> list[int]:
    """The states of the lines of the one file."""
    [source] = board.sources.files.values()
    return list(board.states(source).values())


def test_requests_of_servers_that_have_ended_are_told_once(place: Place) -> None:
    """However many there were: the log keeps the latest, with their lines, and nothing more is told."""
    board = board_of(place)
    for count in (200, 100):
        serve(place, f"for n in range({count}):\n    end = ask('GET', b'/%d' % n, None); subject.work(True); end(200)")
        board.look()

    assert board.look() == {}
    requests = board.whole()["requests"]
    assert len(requests) == 256
    assert {each["lines"] for each in requests} == {2}
    assert list(board.request_lines(requests[0]["key"]).values()) == [[2, 3]]


def test_lines_of_start_up_are_told_as_such(place: Place) -> None:
    """They are no session's, and they light up all the same."""
    board = board_of(place)
    serve(place, "")

    assert [0, START, [1]] in board.look()["ran"]
    assert states(board) == [START, 0, 0, 0]


def test_only_another_text_makes_a_file_forgotten(place: Place, subject: Path) -> None:
    """Not a touched file, nor one that goes and comes back; the lines of a new text are seen, whoever was first."""
    board = board_of(place)
    serve(place, "end = ask('GET', b'/', None); subject.work(True); end(200)")
    board.look()
    before = states(board)

    os.utime(subject, (1, 1))
    assert board.refresh()
    subject.rename(place.root / "away")
    assert board.refresh()
    assert board.sources.files == {}
    board.save()
    (place.root / "away").rename(subject)
    assert board.refresh()
    assert states(board) == before == [START, SESSION, SESSION, 0]
    assert any(board.sessions.load("mine", board.sources.by_name()).values())

    subject.write_text(WORK + "\n\nlast = 1\n")
    serve(place, "")
    board.look()
    assert board.refresh()
    board.look()
    assert states(board) == [START, 0, 0, 0, START]


def test_reset_forgets_what_was_kept(place: Place) -> None:
    """Also when nothing ran since."""
    board = board_of(place)
    serve(place, "end = ask('GET', b'/', None); subject.work(True); end(200)")
    board.look()
    board.save()

    board.begin("mine", fresh=True)

    assert board.ours == {}
    assert board.sessions.names() == []


def test_a_request_stays_in_the_session_it_began_in(place: Place) -> None:
    """What it runs after a switch is the former session's, on disk as well; long names in any script are told apart."""
    first, second = "\U0001f600" * 80, "\U0001f601" * 80
    board = board_of(place, first)
    program = f"""
from pathlib import Path
end = ask("GET", b"/long", None)
Path({str(place.root / "begun")!r}).touch()
while not startup.witness._session_name.name().startswith("2"):
    pass
subject.work(True)
end(200)
end = ask("GET", b"/next", None)
subject.work(False)
end(200)
"""
    with ThreadPoolExecutor() as pool:
        served = pool.submit(serve, place, program)
        until((place.root / "begun").exists, "the request to begin")
        board.begin(second)
        served.result()
    board.look()
    board.save()

    assert list(board.ours.values()) == [{2, 4}]
    by_name = board.sources.by_name()
    assert list(board.sessions.load(first, by_name).values()) == [{2, 3}]
    assert list(board.sessions.load(second, by_name).values()) == [{2, 4}]


def test_sources_that_nobody_can_show_are_said_to_be_broken(place: Place) -> None:
    """Nested beyond measure, called what no encoding says; a link to elsewhere is not shown at all."""
    secret = place.root / "secret.py"
    secret.write_text("secret = 1\n")
    (place.measured / "link.py").symlink_to(secret)
    (place.measured / "deep.py").write_text("x = " + "(" * 5000 + ")" * 5000)
    (place.measured / os.fsdecode(b"caf\xe9.py")).write_text("x = 1\n")

    files = {each["name"]: each["broken"] for each in board_of(place).whole()["files"]}

    assert files.keys() == {NAME, "measured/deep.py", "measured/caf?.py"}
    assert files["measured/deep.py"]
    assert not files[NAME]


def test_what_outlives_its_request_is_its_sessions(place: Place) -> None:
    """A websocket that goes on while 256 others come: the next one in its slot of the ring is not credited with it."""
    board = board_of(place)
    serve(
        place,
        """
import contextvars
outlives = contextvars.copy_context()
outlives.run(lambda: ask("WS", b"/socket", None))
for n in range(256):
    contextvars.copy_context().run(lambda: ask("GET", b"/%d" % n, None)(200))
outlives.run(subject.work, True)
""",
    )
    board.look()

    assert {each["lines"] for each in board.whole()["requests"]} == {0}
    assert list(board.ours.values()) == [{2, 3}]
