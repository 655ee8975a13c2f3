"""The witness in processes of every kind: threads, forks, exec, generated code, a full disk. Test process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from e2e.agent.witness import layout
from e2e.harness.witness import reader
from e2e.harness.witness.reader import WitnessFile
from e2e.selftests.project import ROOT

TIMEOUT = 60


class Place:
    """A folder with a measured package, programs that use it, and what the witness wrote of them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.run = root / "run"
        self.measured = root / "measured"
        for folder in (self.run, self.measured):
            folder.mkdir(parents=True)

    def source(self, name: str, text: str) -> Path:
        """Write a measured module."""
        path = self.measured / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def python(self, program: str, env: Mapping[str, str] | None = None) -> str:
        """Run a program (itself not measured) in a witnessed process; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program)],
            env=os.environ
            | {
                "E2E_RUN": str(self.run),
                "E2E_SOURCE": str(self.measured),
                "PYTHONPATH": f"{ROOT}{os.pathsep}{self.measured}",
            }
            | dict(env or {}),
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        full = [line for line in done.stderr.splitlines() if "No space left on device" not in line]
        assert (done.returncode, full) == (0, []), done.stderr
        return done.stdout

    def witnesses(self) -> list[WitnessFile]:
        """What was written, first process first."""
        return [reader.read(path) for path in sorted(self.run.glob(layout.PATTERN))]

    def lines(self) -> dict[str, set[int]]:
        """The lines that any process ran, by file name."""
        found: dict[str, set[int]] = {}
        for witness in self.witnesses():
            for name, lines in witness.lines.items():
                found.setdefault(Path(name).name, set()).update(lines)
        return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty one."""
    return Place(tmp_path)


WORK = """\
def work(flag):
    if flag:
        return "yes"
    return "no"
"""


def test_lines_of_threads_are_seen(place: Place) -> None:
    """Whichever thread runs them, in any of them."""
    place.source("subject.py", WORK)

    place.python("""
        import threading
        import subject
        threads = [threading.Thread(target=subject.work, args=(flag,)) for flag in (True, False)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
    """)

    assert place.lines() == {"subject.py": {1, 2, 3, 4}}


def test_a_forked_child_has_a_file_of_its_own(place: Place) -> None:
    """What parent and child run is told apart, though the child leaves by os._exit."""
    place.source("subject.py", WORK)

    child = int(
        place.python("""
            import os
            import subject
            pid = os.fork()
            if not pid:
                subject.work(True)
                os._exit(0)
            os.waitpid(pid, 0)
            subject.work(False)
            print(pid)
        """)
    )

    by_pid = {witness.pid: witness.lines[str(place.measured / "subject.py")] for witness in place.witnesses()}
    parent = next(pid for pid in by_pid if pid != child)
    assert by_pid == {parent: {1, 2, 4}, child: {2, 3}}


def test_a_fork_on_the_way_to_another_program_leaves_nothing(place: Place) -> None:
    """Every subprocess begins as a fork: only who runs measured lines has something to say."""
    place.python("""
        import subprocess
        subprocess.run(["true"], preexec_fn=lambda: None, env={})
    """)

    assert len(place.witnesses()) == 1


def test_a_program_that_replaces_itself_leaves_two_files(place: Place) -> None:
    """One pid, one after the other: neither writes over the other's lines."""
    place.source("subject.py", WORK)

    place.python("""
        import os, sys
        import subject
        subject.work(True)
        os.execv(sys.executable, [sys.executable, "-c", "import subject; subject.work(False)"])
    """)

    assert [sorted(*witness.lines.values()) for witness in place.witnesses()] == [[1, 2, 3], [1, 2, 4]]
    assert len({witness.pid for witness in place.witnesses()}) == 1


def test_generated_code_counts_under_the_name_it_was_compiled_with(place: Place) -> None:
    """As coverage.py counts it: by co_filename, lines beyond the file's end included; `<string>` is nobody's."""
    path = place.source("subject.py", "x = 1\n")

    place.python(f"""
        import subject
        exec(compile("\\n" * 49 + "y = 2", {str(path)!r}, "exec"))
        exec(compile("z = 3", "<string>", "exec"))
        exec(compile("a = 4\\nb = 5", {str(place.measured / "never-written.py")!r}, "exec"))
    """)

    assert place.lines() == {"subject.py": {1, 50}, "never-written.py": {1, 2}}


def test_a_source_in_another_encoding_is_measured(place: Place) -> None:
    """Lines are counted in bytes; nothing is decoded."""
    (place.measured / "latin.py").write_bytes("# coding: latin-1\nname = 'é'\n".encode("latin-1"))

    place.python("import latin")

    assert place.lines() == {"latin.py": {2}}


def test_without_a_free_tool_it_says_so_and_the_program_runs(place: Place) -> None:
    """Debuggers and profilers may have taken all ids: the record names them, the verdict reads it."""
    printed = place.python(
        """
            import os, sys
            for number in range(6):
                if sys.monitoring.get_tool(number) is None:
                    sys.monitoring.use_tool_id(number, f"profiler {number}")
            os.environ["E2E_RUN"] = os.environ["RUN"]
            from e2e.agent import startup
            startup.begin()
            print("ran")
        """,
        {"E2E_RUN": "", "RUN": str(place.run)},
    )

    [record] = [json.loads(path.read_text()) for path in place.run.glob("process-*.json")]
    assert printed == "ran\n"
    assert record["witness"].startswith("NoToolError: every tool id of sys.monitoring is taken: 0 profiler 0, 2 ")


def test_a_full_disk_harms_nothing_and_is_said(small_disk: Path) -> None:
    """No signal, no exception: lines go where room was kept for them, and the file says that some found none."""
    place = Place(small_disk / "place")
    names = [f"subject_{number}.py" for number in range(30)]
    for name in names:
        place.source(name, WORK + "\n" * 20_000)

    printed = place.python(f"""
        import importlib, pathlib
        import {names[0][:-3]} as first
        from e2e.agent import startup
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
    """)

    [witness] = place.witnesses()
    assert printed == "ran\n"
    assert witness.lost > 0
    assert witness.lines[str(place.measured / names[0])] == {1, 2, 3}
    assert len(witness.lines) < len(names), "the disk was full"


def test_no_room_at_all_is_said_and_the_program_runs(place: Place) -> None:
    """Where not even the file can be made, the record says why."""
    printed = place.python(
        """
            import os, resource
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
            os.environ["E2E_RUN"] = os.environ["RUN"]
            from e2e.agent import startup
            startup.begin()
            print("ran")
        """,
        {"E2E_RUN": "", "RUN": str(place.run)},
    )

    [record] = [json.loads(path.read_text()) for path in place.run.glob("process-*.json")]
    assert printed == "ran\n"
    assert "File too large" in record["witness"]


def test_a_full_disk_takes_no_session_and_kills_nobody(small_disk: Path) -> None:
    """The session's name would be in a hole of a sparse file, and to read that is SIGBUS: it does without."""
    place = Place(small_disk / "place")

    printed = place.python(f"""
        import pathlib
        from e2e.agent import startup
        from e2e.agent.witness.tool import _control
        folder = pathlib.Path({str(small_disk)!r})
        try:
            with open(folder / "filler", "wb", buffering=0) as filler:
                while filler.write(b"0" * 4096): pass
        except OSError:
            pass
        print(_control(folder))
        startup.witness._control = None
        startup.witness.request("GET", b"/", None)(200)
        print("served")
    """)

    assert printed == "None\nserved\n"


def test_a_request_that_cannot_be_noted_is_served(place: Place) -> None:
    """Whatever fails in the witness stays there, and is counted."""
    printed = place.python("""
        from e2e.agent import startup
        startup.witness.store.ring = None
        startup.witness.request("GET", b"/", "a test")(200)
        print("served")
    """)

    assert printed == "served\n"
    assert [witness.lost for witness in place.witnesses()] == [1]
