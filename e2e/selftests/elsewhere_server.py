"""A process that measures itself into a drop folder and serves one request, in no time. For the selftests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from e2e.selftests.project import ROOT, TOYS, environment

KEY = "ab" * 8
ASKING = f"""
import asyncio, sys
from afterawait.agent import startup
from afterawait.agent.witness import baggage
from shop.main import app
from afterawait.agent.asgi import Watched

def scope(path):
    named = baggage.header("tests/test_book.py::test_its_version", "{KEY}").encode()
    return {{"type": "http", "method": "GET", "path": path, "headers": [(b"baggage", named)]}}

async def send(message): pass

async def receive(): return {{"type": "lifespan.startup"}}

async def main():
    served = Watched(app)
    await served({{"type": "lifespan"}}, receive, send)
    await served(scope("/version"), receive, send)

asyncio.run(main())
print("asked", flush=True)
sys.stdin.read()
"""
"""A program that serves one request of a test's, in the way of a server, and ends with its standard input."""


def server(drop: Path, folder: str = "src", program: str = ASKING, **env: str) -> subprocess.Popen[str]:
    """A process that measures itself into `drop`, and has served one test when this returns, or what `program` does.

    The application is imported from `folder` of its image.
    """
    project = drop.parent / "there"
    if not project.exists():
        shutil.copytree(TOYS / "elsewhere/src", project / folder)
        shutil.copy(TOYS / "elsewhere/pyproject.toml", project)
    variables = {"AFTERAWAIT_DROP": str(drop), "AFTERAWAIT_SOURCE": "shop", "AFTERAWAIT_KEY": KEY, **env}
    variables["PYTHONPATH"] = f"{project / folder}{os.pathsep}{ROOT}"
    started = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=project,
        env=environment(variables),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert started.stdout is not None
    said = started.stdout.readline()
    assert said.strip() in {"asked", "waits"}, said + started.stdout.read()
    return started
