"""One combination, measured by coverage.py and compared with what must have run. Proof process."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import tempfile
import threading
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import websockets
from coverage import CoverageData
from coverage.exceptions import CoverageException

from afterawait.databases.base import DatabaseServer
from afterawait.faults import Fault
from afterawait.processes.polling import Expired, wait_until
from afterawait.services.ports import bind
from e2e.proof import asking, oracle, subjects
from e2e.proof.lost import scene
from e2e.proof.lost.cells import FOUNDING, WIDE, WITHOUT, Cell, Outcome

STARTING, ENDING = 60.0, 30.0  # seconds
TURNS = (1, 2, 3)
TIMES = 2
"""How often each is asked for, when all are asked for at once."""
TRACERS = {"ctrace": "CTracer", "pytrace": "PyTracer", "sysmon": "SysMonitor"}
DROPPED = ("COVERAGE_", "AFTERAWAIT_", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV")
"""How variables begin that would change what a cell measures."""
_making = threading.Lock()


class NotRunError(Exception):
    """Why a cell could not be run, for the table."""


def run(cell: Cell, python: Path, databases: DatabaseServer, place: Path, number: int) -> Outcome:
    """Measure `cell` with the interpreter `python`, in a folder below `place`; failures are told in the outcome."""
    with tempfile.TemporaryDirectory(prefix=f"cell{number}-", dir=place) as name:
        folder = Path(name).resolve()
        source = scene.build(folder, cell)
        try:
            with _making:
                db = databases.create(f"cell{number}")
            try:
                url = db.url.replace("+asyncpg", "") if cell.libraries.sqlalchemy == WITHOUT else db.url
                _measure(cell, python, folder, url)
            finally:
                with _making:
                    databases.drop(db)
            return _compare(cell, folder, source)
        except NotRunError as error:
            return Outcome(told=str(error))
        except (Fault, OSError, CoverageException, httpx.HTTPError, websockets.WebSocketException) as error:
            return Outcome(told=f"not run: {type(error).__name__}: {error}")


def _measure(cell: Cell, python: Path, folder: Path, url: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)} | {
        "PYTHONPATH": str(folder),
        "COVERAGE_PROCESS_START": str(folder / ".coveragerc"),
        "DATABASE_URL": url,
        "ORACLE": str(folder / "heard"),
        "TRACER": TRACERS[cell.setting.core],
    }
    with (folder / "log").open("wb") as log:
        if cell.case == FOUNDING[0]:
            command = [str(python), "in_process.py"]
            with subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=log, stderr=log
            ) as process:
                _end(process, folder, STARTING)
            return
        with bind(0) as sock:
            command = [str(python), "serve.py", str(sock.fileno())]
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(sock.fileno(),),
            )
            port = int(sock.getsockname()[1])
        try:
            _wait_for(process, folder, port)
            asyncio.run(_drive(cell, f"http://127.0.0.1:{port}"))
        finally:
            process.terminate()
            _end(process, folder, ENDING, signalled=True)
            if process.stdin is not None:
                process.stdin.close()


async def _drive(cell: Cell, url: str) -> None:
    if cell.case not in WIDE:
        await asking.get(url)
        return
    program = subjects.CONTROL if cell.libraries.sqlalchemy == WITHOUT else subjects.WIDE
    together = cell.case == WIDE[1]
    await asking.all_of(url, list(product(program.kinds, TURNS)) * (TIMES if together else 1), together=together)


def _wait_for(process: subprocess.Popen[bytes], folder: Path, port: int) -> None:
    def answers() -> bool:
        if process.poll() is not None:
            raise NotRunError(_why(folder))
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    try:
        wait_until(answers, seconds=STARTING)
    except Expired:
        raise NotRunError(f"not run: it did not start within {STARTING:g} s") from None


def _end(process: subprocess.Popen[bytes], folder: Path, seconds: float, *, signalled: bool = False) -> None:
    """Wait until it has ended, and saved what it measured."""
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise NotRunError(f"not run: it did not end within {seconds:g} s") from None
    if status and not signalled:
        raise NotRunError(_why(folder))


def _why(folder: Path) -> str:
    told = _told(folder)
    if "refused" in told:
        return f"refused: {told['refused']}"
    last = (folder / "log").read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    return f"not run: {' '.join(last) or 'it ended at once'}"


def _told(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _compare(cell: Cell, folder: Path, source: str) -> Outcome:
    told = _told(folder)
    code = set(told["code"])
    seen = _seen(folder)
    if cell.case in WIDE:
        ran, reports = _heard(folder), oracle.reports(source)
        silent = reports - ran
        invented = (seen - code) | (seen & silent) | (seen & {line + 1 for line in silent} & code)
    else:
        ran, invented = code, seen - code
    lost = ran - seen
    text = source.splitlines()
    examples = tuple(f"{line + 1}: {text[line].strip()}" for line in sorted(lost)[:3] if line < len(text))
    return Outcome(len(ran), len(lost), len(invented), examples=examples)


def _heard(folder: Path) -> set[int]:
    return {int(each) for path in (folder / "heard").iterdir() for each in path.read_bytes().split()}


def _seen(folder: Path) -> set[int]:
    """The lines of the program that any data file holds."""
    found: set[int] = set()
    for path in folder.glob(".coverage.*"):
        data = CoverageData(basename=str(path))
        data.read()
        with closing(data):
            for name in data.measured_files():
                if Path(name) == folder / "subject" / "main.py":
                    found.update(data.lines(name) or ())
    return found
