"""What the agent does in the processes of a command of the project's own. Programs in processes of their own."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from coverage import CoverageData

from afterawait.evidence import recordings
from e2e.selftests.measured_program import run
from e2e.selftests.witnessed_place import Place

ONCE = "def work{number}():\n" + "    a = 1\n" * 30 + "    return a\n"
FLUSHES = """
import threading
from afterawait.agent import startup
import busy
over = threading.Event()
def save():
    while not over.is_set():
        startup.saving.flush()
saving = threading.Thread(target=save)
saving.start()
for number in range(400):
    getattr(busy, f"work{number}")()
over.set()
saving.join()
"""
SHOP = """\
from starlette.responses import PlainTextResponse
async def sell(request):
    return PlainTextResponse("sold")
"""
STARLETTE = """
import asyncio, json, os, pathlib
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
import shop

def record():
    [path] = pathlib.Path(os.environ["AFTERAWAIT_RUN"]).glob("process-*.json")
    return json.loads(path.read_text())

async def lifespan(scope, receive, send):
    pass

inner = Starlette(routes=[Route("/", shop.sell)])
app = Starlette(routes=[Mount("/shop", inner)])

async def serve():
    messages = asyncio.Queue()
    said = asyncio.Queue()
    living = asyncio.create_task(app({"type": "lifespan", "asgi": {"version": "3.0"}}, messages.get, said.put))
    await messages.put({"type": "lifespan.startup"})
    await said.get()
    assert record()["served"] and record()["role"] == "worker"
    scope = {"type": "http", "method": "GET", "path": "/shop/", "raw_path": b"/shop/", "query_string": b"",
             "headers": [(b"baggage", b"test.case.name=sells,afterawait.run=key")], "app": None}
    await app(scope, messages.get, said.put)
    await messages.put({"type": "lifespan.shutdown"})
    await living

asyncio.run(serve())
"""


def test_a_save_while_the_application_runs_loses_nothing(place: Place) -> None:
    """Each line runs once, while another thread saves: coverage.py alone would forget what it has not copied."""
    place.source("busy.py", "\n".join(ONCE.format(number=number) for number in range(400)))

    run(place, FLUSHES)

    [path] = place.run.glob(".coverage.*")
    with closing(CoverageData(basename=str(path))) as data:
        data.read()
        saved = set(data.lines(str(place.measured / "busy.py")) or ())
    assert saved == place.lines()["busy.py"]
    assert len(saved) == 400 * 32


def test_an_application_wraps_itself_under_a_server_that_is_not_known(place: Place) -> None:
    """It has served, and a request that goes on to a mounted application is one."""
    place.source("shop.py", SHOP)

    ended = run(place, STARLETTE, AFTERAWAIT_COMMAND="1", AFTERAWAIT_KEY="key")

    assert not ended.errors
    assert ended.record["served"]
    [witness] = place.witnesses()
    assert len(recordings.requests(witness)) == 1
    assert any("sells" in row.name for row, _, lines in witness.by_row() if 3 in lines)


@pytest.mark.parametrize("name", ["uvicorn", "hypercorn", "granian", "gunicorn"])
def test_the_agents_rooms_for_servers_import_none_of_them(place: Place, name: str) -> None:
    """A server is changed where it is imported: a process without one pays nothing."""
    ended = run(place, f"import sys; print({name!r} in sys.modules)", AFTERAWAIT_COMMAND="1")

    assert ended.printed == ["False"]
    assert Path(place.run).is_dir()
