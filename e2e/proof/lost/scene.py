"""What a measured process needs around its program, as files in a folder of its own. Proof process.

No line of this project's agent or harness is among them: what is measured here is coverage.py, as anybody uses it.
"""

from __future__ import annotations

from pathlib import Path

from e2e.proof import oracle
from e2e.proof.lost import control, founding, wide
from e2e.proof.lost.cells import WIDE, WITHOUT, Cell

SYSMON_BRANCHES = (3, 14)
# The Python from which coverage.py measures branches by sys.monitoring, right or wrong.

COVERAGERC = """\
[run]
source = subject
branch = {branch}
concurrency = {concurrency}
core = {core}
parallel = true
sigterm = true
"""

SITECUSTOMIZE = """\
import dis
import json
import os
import pathlib


def starts(code):
    found = {line for _, line in dis.findlinestarts(code) if line}
    for each in code.co_consts:
        if hasattr(each, "co_code"):
            found |= starts(each)
    return found


def begin():
    import coverage

    coverage.process_startup()
    current = coverage.Coverage.current()
    tracer = dict(current.sys_info()).get("core") or current._collector.tracer_name()
    if tracer != os.environ["TRACER"]:
        return {"refused": "it measures with " + tracer + " instead"}
    source = pathlib.Path("subject/main.py")
    code = compile(source.read_bytes(), str(source), "exec", dont_inherit=True)
    return {"code": sorted(starts(code))}


told = {}
try:
    told = begin()
except Exception as error:
    told["refused"] = str(error) or type(error).__name__
pathlib.Path("told.json").write_text(json.dumps(told))
if "refused" in told:
    os._exit(3)
"""

GUARD = """\
import os
import signal
import sys
import threading


def end_with_whoever_started_this():
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_whoever_started_this, daemon=True).start()
"""

SERVE = """\
import socket
import sys

import guard
import uvicorn

config = uvicorn.Config("subject.main:app", log_level="warning", timeout_graceful_shutdown=10)
uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
"""


def build(folder: Path, cell: Cell) -> str:
    """Write the files of `cell` into the empty `folder`; returns the program's source as it is measured."""
    alone = cell.libraries.sqlalchemy == WITHOUT
    if cell.case in WIDE:
        source = oracle.rewritten(control.SOURCE if alone else wide.SOURCE)
    else:
        source = founding.ASYNCPG if alone else founding.SQLALCHEMY
    branch = cell.setting.core != "sysmon" or cell.libraries.python >= SYSMON_BRANCHES
    setting = {"core": cell.setting.core, "concurrency": cell.setting.concurrency, "branch": str(branch).lower()}
    for path, text in (
        ("subject/__init__.py", ""),
        ("subject/main.py", source),
        ("oracle.py", oracle.MODULE),
        ("sitecustomize.py", SITECUSTOMIZE),
        ("guard.py", GUARD),
        ("serve.py", SERVE),
        ("in_process.py", founding.IN_PROCESS),
        (".coveragerc", COVERAGERC.format_map(setting)),
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    (folder / "heard").mkdir()
    return source
