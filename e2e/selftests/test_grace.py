"""The grace that open requests get at a stop, and the budget that every stage of a stop has by it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from afterawait.protocol import StopBudget
from e2e.selftests.project import Project

GRACES = [0, 3, 30, 120]

SLOW = """

async def slow(query):
    arrived.touch()
    await asyncio.sleep(1.5)
    return "served to its end"
"""

OPEN = """\
import threading
from pathlib import Path

import httpx

from afterawait.processes.polling import wait_until


def test_a_request_is_open_when_the_server_is_stopped(base_url):
    def ask():
        try:
            httpx.get(f"{base_url}/slow", timeout=20)
        except httpx.HTTPError:
            pass

    threading.Thread(target=ask).start()
    wait_until(Path("arrived").exists, seconds=10)
"""


@pytest.mark.parametrize("grace", GRACES)
def test_whoever_waits_for_a_stage_waits_longer_than_it_may_take(grace: int) -> None:
    """Else one would kill what another still lets save."""
    budget = StopBudget(grace)
    stages = [budget.requests, budget.process, budget.workers, budget.supervisor, budget.server, budget.run]

    assert budget.requests == grace
    assert all(earlier < later for earlier, later in pairwise(stages))


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("grace", GRACES)
def test_an_open_request_gets_its_grace(project: Project, grace: int, workers: str) -> None:
    """With a grace that suffices it is served to its end, without one it is cut off; the measurement holds in both."""
    project.replace("pyproject.toml", "[tool.afterawait]\n", f"[tool.afterawait]\ngrace = {grace}\n")
    project.replace("toy/main.py", '"/thread": thread}', '"/thread": thread, "/slow": slow}')
    project.replace("toy/main.py", "import asyncio\n", "import asyncio\nimport pathlib\n")
    project.replace("toy/main.py", "\n\nasync def thread", f"{SLOW}\n\nasync def thread")
    project.replace("toy/main.py", "async def app(", 'arrived = pathlib.Path("arrived")\n\n\nasync def app(')
    project.write("tests/test_slow.py", OPEN)

    ended = project.run("--workers", workers)

    assert ended.status == (2 if grace == 0 else 0), ended.output
    assert "canary alive in each" in ended.output
