"""One command, ended in one way, held against the oracle. Proof process."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
from coverage import CoverageData
from coverage.exceptions import DataError

from afterawait import mode, protocol, settings
from afterawait.agent.witness import baggage
from afterawait.agent.witness.format import RowKind
from afterawait.evidence import data_files, recordings
from afterawait.evidence.identity import SourceTree
from afterawait.faults import Fault
from afterawait.judge import verdict
from afterawait.judge.cross_check import Agreement
from afterawait.processes.polling import Expired, wait_until
from afterawait.runs import folder as runs_folder
from afterawait.runs.folder import RunFolder
from afterawait.runs.manifest import Manifest
from afterawait.services import ports
from afterawait.services.environment import run_key
from afterawait.services.server import Server
from afterawait.services.stack import ServiceStack
from e2e.proof import oracle, subjects
from e2e.proof.servers import workers
from e2e.proof.servers.rows import FILES, Command, Ending

PYPROJECT = """\
[tool.afterawait]
server = {command!r}
source = ["subject"]
grace = 0
start_timeout = 40

[tool.afterawait.env]
ORACLE = {heard!r}
JOBS_PORT = {jobs_port}
"""
PORT = 'PORT = "{port}"\n'
"""Of the environment, for a program that is not told it by its command."""
SECONDS = 20.0
"""For what a signal sets off to be over."""
ROUNDS = 6


@dataclass
class Outcome:
    """What the oracle heard of, and which of it is not known; `said` of the ends, `refused` by the judge and why."""

    ran: int = 0
    processes: int = 0
    lost: int = 0
    unseen: int = 0
    wrong: int = 0
    refused: list[str] = field(default_factory=list)
    said: str = ""
    failed: str = ""


def run(command: Command, ending: Ending, folder: Path, *, fast: bool = False) -> Outcome:
    """Measure `command` in the empty `folder`."""
    text = oracle.rewritten(subjects.text("served"))
    heard = folder / "heard"
    port = ports.free_port()
    written = {
        "pyproject.toml": PYPROJECT.format(command=command.words, heard=str(heard), jobs_port=port)
        + PORT * command.words.startswith("python"),
        "oracle.py": subjects.text("recorder"),
        "subject/__init__.py": "",
        "subject/main.py": text,
        **FILES,
    }
    subjects.write(folder, written)
    chosen = mode.choose(fast=fast)
    known = settings.load(folder, {})
    known.state.mkdir()
    held = runs_folder.fresh(known.state, known.grace)
    held.write_manifest(Manifest.of(folder, known.source, chosen, finished=True, partial="a proof"))
    outcome = Outcome()
    stack = ServiceStack(known, held, measured=True)
    try:
        with workers.beside(command.worker, folder, port):
            stack.open()
            server = stack.start("main")
            if command.worker:
                workers.give(command.worker, folder, port)
            sent = _drive(server, ending)
            _end(server, command, ending, held)
        server.stop()
        outcome.said = server.said()
    except (Fault, httpx.HTTPError, Expired) as error:
        outcome.failed = str(error).strip().replace("\n", " ")[:300]
        return outcome
    finally:
        stack.close()
    _compare(outcome, folder, held, sent)
    judged = verdict.judge(held, held.manifest(), SourceTree(folder, known.source), Agreement())
    outcome.refused = [str(each) for each in judged.faults]
    return outcome


def _drive(server: Server, ending: Ending) -> set[str]:
    """Send requests, each as a test of its own; returns the tests' names."""
    sent = set()
    for number in range(ROUNDS):
        for method, path in (("GET", "/mine"), ("GET", "/plain"), ("POST", f"/sales/{number}")):
            name = f"{path}::{number}"
            with httpx.Client(base_url=server.url, timeout=20) as client:  # another connection, maybe another worker
                answer = client.request(method, path, headers={"baggage": baggage.header(name, run_key())})
            answer.raise_for_status()
            if path == "/mine" and answer.json() is not True:
                raise httpx.HTTPError("request.app is not the application")
            sent.add(name)
    if ending.opens:
        _open.append(socket.create_connection(("127.0.0.1", server.port)))
        _open[-1].sendall(b"GET /open HTTP/1.1\r\nHost: here\r\n\r\n")
        _open[-1].recv(12)
    return sent


_open: list[socket.socket] = []


def _end(server: Server, command: Command, ending: Ending, held: RunFolder) -> None:
    """Do what is to be done before the run stops the server, and wait for what it sets off."""
    serving = {each.pid for each in held.records() if each.served and psutil.pid_exists(each.pid)}
    if ending.workers:
        os.kill(max(serving), signal.SIGKILL)
    elif ending.name == "new workers" and command.anew is not None:
        os.kill(server.pid, command.anew)
        wait_until(lambda: _others_serve(held, serving), seconds=SECONDS)
    elif ending.group and ending.signum is not None:
        os.killpg(server.pid, ending.signum)
    elif ending.signum is not None:
        os.kill(server.pid, ending.signum)
    if ending.signum is not None and not ending.workers:
        with contextlib.suppress(Expired):
            wait_until(lambda: server.exit_code() is not None, seconds=SECONDS)


def _others_serve(held: RunFolder, before: set[int]) -> bool:
    """Whether as many new ones serve, and the old ones have ended."""
    after = {each.pid for each in held.records() if each.served and psutil.pid_exists(each.pid)}
    return len(after) >= len(before) and not after & before


def _compare(outcome: Outcome, folder: Path, held: RunFolder, sent: set[str]) -> None:
    file = folder / "subject" / "main.py"
    heard = {(int(path.name), int(line)) for path in (folder / "heard").iterdir() for line in path.read_text().split()}
    seen: dict[tuple[int, int], set[str]] = {}
    for path in held.path.glob(protocol.WITNESS_FILES):
        witness = recordings.read(path)
        for row, name, lines in witness.by_row():
            if Path(name) == file:
                for line in lines:
                    seen.setdefault((witness.pid, line), set()).add(row.name if row.kind == RowKind.TEST else "")
    outcome.ran = len(heard)
    outcome.processes = len({pid for pid, _ in heard})
    outcome.lost = len(heard - set(_measured(held, file)))
    outcome.unseen = len(heard - seen.keys())
    credited = {name for names in seen.values() for name in names if name}
    outcome.wrong = len(sent ^ credited)


def _measured(held: RunFolder, file: Path) -> Iterator[tuple[int, int]]:
    """What coverage.py saved: pid and line."""
    for path in held.path.glob(protocol.DATA_FILES):
        with closing(CoverageData(basename=str(path))) as data, contextlib.suppress(DataError):  # cut off
            data.read()
            for name in data.measured_files():
                if Path(name) == file:
                    yield from ((data_files.pid_of(path), line) for line in data.lines(name) or ())
