"""The commands, and the ways in which each is ended. Proof process."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from e2e.proof.servers import workers
from e2e.proof.servers.workers import BESIDE, WORKERS

HERE = Path(sys.executable).parent
PROCFILE = """\
web: uvicorn subject.main:app --port $PORT --workers 2 --timeout-graceful-shutdown 1
worker: python worker.py
"""
OWN = """\
import os
import uvicorn

if __name__ == "__main__":
    uvicorn.run("subject.main:create_app", factory=True, port=int(os.environ["PORT"]), timeout_graceful_shutdown=1)
"""
OWN_OBJECT = """\
import asyncio
import os
import uvicorn
from subject.main import app

config = uvicorn.Config(app, port=int(os.environ["PORT"]), timeout_graceful_shutdown=1)
asyncio.run(uvicorn.Server(config).serve())
"""
WORKER = """\
import signal
import threading

from subject import main

over = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: over.set())
main.note("by a worker")
over.wait()
"""
FILES = {"Procfile": PROCFILE, "own.py": OWN, "own_object.py": OWN_OBJECT, "worker.py": WORKER, **workers.files()}
GRACE = "--timeout-graceful-shutdown 1"


@dataclass(frozen=True)
class Command:
    """A server's command, and the signal by which it takes new workers, where it knows one.

    `worker` is the kind of worker without HTTP that runs beside it.
    """

    name: str
    words: str
    anew: signal.Signals | None = None
    worker: str = ""

    @property
    def absent(self) -> str:
        """The program that it needs and is not here."""
        words = f"{self.words} {WORKERS.get(self.worker, '')}"
        needed = [each for each in words.split() if each in PROGRAMS]
        return next((each for each in needed if not (HERE / each).exists() and not shutil.which(each)), "")


PROGRAMS = (
    *("uvicorn", "fastapi", "gunicorn", "hypercorn", "granian", "honcho", "opentelemetry-instrument", "make"),
    *("arq", "celery", "taskiq"),
)
GUNICORN = "gunicorn -w 2 --graceful-timeout 1 -b 127.0.0.1:{port}"
HYPERCORN = "hypercorn -w 2 --graceful-timeout 1 -b 127.0.0.1:{port}"
GRANIAN = "granian --interface asgi --workers 2 --port {port}"


def _with_worker(name: str, words: str) -> Command:
    shown = f"uvicorn, {words.partition(' --log')[0]}"
    if name in BESIDE:
        shell = f"sh -c '{words} & uvicorn subject.main:app --port {{port}} {GRACE}'"
        return Command(f"sh -c ({shown})", shell, None, name)
    return Command(f"honcho start ({shown})", f"honcho -f Procfile.{name} start -p {{port}}", None, name)


COMMANDS = (
    Command("uvicorn", f"uvicorn subject.main:app --port {{port}} {GRACE}"),
    Command("uvicorn --workers 2", f"uvicorn subject.main:app --workers 2 --port {{port}} {GRACE}", signal.SIGHUP),
    Command("uvicorn --factory --port 0", f"uvicorn --factory subject.main:create_app --port 0 {GRACE}"),
    Command("uvicorn --reload", f"uvicorn subject.main:app --reload --port {{port}} {GRACE}"),
    Command("fastapi run --workers 2", "fastapi run --workers 2 --port {port} subject/main.py"),
    Command("fastapi dev", "fastapi dev --port {port} subject/main.py"),
    Command(
        "gunicorn -k uvicorn_worker.UvicornWorker",
        f"{GUNICORN} -k uvicorn_worker.UvicornWorker subject.main:app",
        signal.SIGHUP,
    ),
    Command(
        "the same, --preload, a factory",
        f"{GUNICORN} -k uvicorn_worker.UvicornWorker --preload 'subject.main:create_app()'",
    ),
    Command("gunicorn -k asgi", f"{GUNICORN} -k asgi subject.main:app", signal.SIGHUP),
    Command("gunicorn -k asgi --preload", f"{GUNICORN} -k asgi --preload subject.main:app"),
    Command("hypercorn -w 2", f"{HYPERCORN} subject.main:app"),
    Command("hypercorn -k uvloop", f"{HYPERCORN} -k uvloop subject.main:app"),
    Command("hypercorn -k trio", f"{HYPERCORN} -k trio subject.main:app"),
    Command("granian --workers 2", f"{GRANIAN} subject.main:app", signal.SIGHUP),
    Command("granian --runtime-mode mt", f"{GRANIAN} --runtime-mode mt --loop uvloop subject.main:app"),
    Command("granian --factory", f"{GRANIAN} --factory subject.main:create_app"),
    Command("python own.py: uvicorn.run(..., factory=True)", "python own.py"),
    Command("python own_object.py: Server(Config(app)).serve()", "python own_object.py"),
    Command("honcho start (uvicorn --workers 2, a worker)", "honcho start -p {port}"),
    Command(
        "opentelemetry-instrument uvicorn --workers 2",
        f"opentelemetry-instrument uvicorn subject.main:app --workers 2 --port {{port}} {GRACE}",
    ),
    *(_with_worker(name, words) for name, words in WORKERS.items()),
    Command("sh -c", f"sh -c 'python worker.py & uvicorn subject.main:app --port {{port}} {GRACE}'"),
)


@dataclass(frozen=True)
class Ending:
    """What is done to a command that serves, before the run stops it. `opens`: a request is left open."""

    name: str
    signum: signal.Signals | None = None
    group: bool = False
    opens: bool = False
    workers: bool = False


STOP = Ending("stop")
ENDINGS = (
    STOP,
    Ending("stop, a request open", opens=True),
    Ending("TERM to the parent", signal.SIGTERM),
    Ending("INT to the parent", signal.SIGINT),
    Ending("INT to the group", signal.SIGINT, group=True),
    Ending("new workers"),
    Ending("kill -9 of a worker", signal.SIGKILL, workers=True),
)
"""`new workers`: the signal that the command knows for it."""

Say = Callable[[str], None]
