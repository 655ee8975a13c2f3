"""Workers without HTTP beside a server: their files, and the jobs that they are given. Proof process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from afterawait.faults import ApplicationFault
from afterawait.processes.polling import wait_until
from e2e.proof import subjects

SECONDS = 40.0
JOBS = tuple(f"job-{number}" for number in range(6))
WORKERS = {
    "asyncio": "python jobs_asyncio.py",
    "arq": "arq jobs_arq.WorkerSettings",
    "taskiq": "taskiq worker jobs_taskiq:broker --workers 2",
    "celery-threads": "celery -A jobs_celery worker --pool threads --concurrency 2 --loglevel WARNING",
    "celery-prefork": "celery -A jobs_celery worker --pool prefork --concurrency 2 --loglevel WARNING",
}
BESIDE = {"celery-prefork"}
"""Those that a shell starts: honcho kills what has not ended in 5 s, and this one takes 7 to end."""
PROCFILE = """\
web: uvicorn subject.main:app --port $PORT --timeout-graceful-shutdown 1
worker: {worker}
"""


def files() -> dict[str, str]:
    """The files of all, by name: a Procfile for each, and its Python."""
    folder = Path(subjects.__file__).parent / "jobs"
    found = {path.name: subjects.text(f"jobs/{path.stem}") for path in sorted(folder.glob("*.py"))}
    return found | {f"Procfile.{name}": PROCFILE.format(worker=words) for name, words in WORKERS.items()}


@contextmanager
def beside(worker: str, folder: Path, port: int) -> Iterator[None]:
    """What the worker needs and nobody measures: for arq a server that speaks Redis."""
    process = _start(folder, port, "stand_in.py") if worker == "arq" else None
    try:
        yield
    finally:
        if process is not None:
            process.kill()
            process.wait()


def give(worker: str, folder: Path, port: int) -> None:
    """Give it the jobs, and wait until all are done."""
    giving = _start(folder, port, f"give_{worker.partition('-')[0]}.py", *JOBS)
    try:
        wait_until(lambda: all((folder / f"done-{each}").exists() for each in JOBS), seconds=SECONDS)
        if giving.wait(SECONDS):
            raise ApplicationFault(f"The jobs of {worker} were not given.", hint="Its traceback is above.")
    finally:
        giving.kill()
        giving.wait()


def _start(folder: Path, port: int, *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, *words], cwd=folder, env=os.environ | {"JOBS_PORT": str(port)})
