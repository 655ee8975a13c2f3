"""What no recorder can see is counted and said, and nothing is said where nothing is missing. Whole runs of the toy."""

from __future__ import annotations

import re

from e2e.selftests.project import Project

FINALISED = """\
import gc


class Handle:
    def __init__(self):
        self.itself = self

    def __del__(self):
        closed.append(1)


closed = []


def churn():
    for _ in range(3000):
        Handle()


"""


def with_finalisers(project: Project, *, collected: str) -> None:
    """Let the application make garbage that only the collector finds, when asked for /thread."""
    project.write("toy/handles.py", FINALISED)
    project.replace("toy/main.py", "import asyncio\n", "import asyncio\n\nfrom toy import handles\n")
    project.replace("toy/main.py", "def in_thread():\n", f"def in_thread():\n    handles.churn()\n    {collected}\n")
    project.replace(".coveragerc", "fail_under = 100", "fail_under = 0")


def test_finalisers_that_may_have_run_unseen_are_named(project: Project) -> None:
    """A collection in the recorder's own callback: 3,000 of them ran, and neither recorder saw one."""
    with_finalisers(project, collected="assert handles.closed, 'none was finalised'")

    ended = project.run()

    assert ended.status == 0, ended.output
    missing = re.search(r"toy/handles.py .* (\S+)$", ended.output, re.MULTILINE)
    said = re.search(r"unseen +[\d,]+ garbage collections: .* It may have run: (.*)", ended.output)
    assert (missing is not None) == (said is not None), ended.output
    assert said is None or said[1] == "Handle.__del__ (handles.py:8)"


def test_finalisers_that_were_seen_are_not_named(project: Project) -> None:
    """One that ran outside any callback is recorded like everything else: nothing is missing, nothing said."""
    with_finalisers(project, collected="handles.gc.collect()")

    ended = project.run()

    assert ended.status == 0, ended.output
    assert "garbage collections" not in ended.output
