"""The witness where there is no room: on a full disk, or for a request's note. Test process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from e2e.selftests.witnessed_place import WORK, Place

HIDDEN = {
    "as it is": "",
    "without posix_fallocate": "del os.posix_fallocate",
    "a filesystem without it": "os.posix_fallocate = not_offered",
}
"""What is done before the witness starts: macOS has no posix_fallocate, nor have some filesystems."""


@pytest.mark.parametrize("how", HIDDEN.values(), ids=HIDDEN)
def test_a_full_disk_harms_nothing_and_is_said(small_disk: Path, how: str) -> None:
    """No signal, no exception: lines go where room was kept for them, and the file says that some found none."""
    place = Place(small_disk / "place")
    names = [f"subject_{number}.py" for number in range(30)]
    for name in names:
        place.source(name, WORK + "\n" * 20_000)

    printed = place.python(
        f"""
        import errno, importlib, os
        def not_offered(*_):
            raise OSError(errno.EOPNOTSUPP, "not supported")
        {how}
        os.environ["AFTERAWAIT_RUN"] = os.environ["RUN"]
        from afterawait.agent import startup
        startup.begin()
        import {names[0][:-3]} as first
        try:
            with open({str(small_disk / "filler")!r}, "wb", buffering=0) as filler:
                while filler.write(b"0" * 4096): pass
        except OSError:
            pass
        for name in {names!r}:
            module = importlib.import_module(name[:-3])
            for number in range(20):
                startup.witness.enter(f"test_{{number}}")
                module.work(True)
        print("ran")
        """,
        {"AFTERAWAIT_RUN": "", "RUN": str(place.run)},
    )

    [witness] = place.witnesses()
    assert printed == "ran\n"
    assert witness.lost > 0
    assert witness.lines[str(place.measured / names[0])] == {1, 2, 3}
    assert len(witness.lines) < len(names), "the disk was full"


def test_on_a_full_disk_a_file_that_comes_late_is_still_seen(small_disk: Path) -> None:
    """What is left belongs to the overflow row, which all tests share: the first of them cannot use it up."""
    place = Place(small_disk / "place")
    place.source("long.py", WORK + "\n" * 20_000)
    late = place.source("late.py", WORK)

    place.python(f"""
        import long
        from afterawait.agent import startup
        try:
            with open({str(small_disk / "filler")!r}, "wb", buffering=0) as filler:
                while filler.write(b"0" * 4096): pass
        except OSError:
            pass
        for number in range(1000):
            startup.witness.enter(f"test_{{number}}")
            long.work(True)
        import late
        late.work(True)
    """)

    [witness] = place.witnesses()
    assert witness.lost > 0
    assert witness.lines[str(late)] == {1, 2, 3}


def test_no_room_at_all_is_said_and_the_program_runs(place: Place) -> None:
    """Where not even the file can be made, the record says why."""
    printed = place.python(
        """
            import os, resource
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
            os.environ["AFTERAWAIT_RUN"] = os.environ["RUN"]
            from afterawait.agent import startup
            startup.begin()
            print("ran")
        """,
        {"AFTERAWAIT_RUN": "", "RUN": str(place.run)},
    )

    [record] = [json.loads(path.read_text()) for path in place.run.glob("process-*.json")]
    assert printed == "ran\n"
    assert "File too large" in record["witness"]


def test_a_full_disk_takes_no_session_and_kills_nobody(small_disk: Path) -> None:
    """The session's name would be in a hole of a sparse file, and to read that is SIGBUS: it does without."""
    place = Place(small_disk / "place")

    printed = place.python(f"""
        import pathlib
        from afterawait.agent import startup
        from afterawait.agent.witness.monitor import _session_name
        folder = pathlib.Path({str(small_disk)!r})
        try:
            with open(folder / "filler", "wb", buffering=0) as filler:
                while filler.write(b"0" * 4096): pass
        except OSError:
            pass
        print(_session_name(folder))
        startup.witness._session_name = None
        startup.witness.request("GET", b"/", None)(200)
        print("served")
    """)

    assert printed == "None\nserved\n"


def test_a_request_that_cannot_be_noted_is_served(place: Place) -> None:
    """Whatever fails in the witness stays there, and is counted."""
    printed = place.python("""
        from afterawait.agent import startup
        startup.witness.writer.ring = None
        startup.witness.request("GET", b"/", "a test")(200)
        print("served")
    """)

    assert printed == "served\n"
    assert [witness.lost for witness in place.witnesses()] == [1]
