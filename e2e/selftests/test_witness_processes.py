"""The witness in processes of every kind: threads, forks, exec, generated code. Test process."""

from __future__ import annotations

import json

from e2e.selftests.witnessed_place import WORK, Place


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
            os.environ["AFTERAWAIT_RUN"] = os.environ["RUN"]
            from afterawait.agent import startup
            startup.begin()
            print("ran")
        """,
        {"AFTERAWAIT_RUN": "", "RUN": str(place.run)},
    )

    [record] = [json.loads(path.read_text()) for path in place.run.glob("process-*.json")]
    assert printed == "ran\n"
    assert record["witness"].startswith("NoToolError: every tool id of sys.monitoring is taken: 0 profiler 0, 2 ")
