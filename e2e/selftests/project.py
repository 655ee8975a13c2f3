"""A toy project on disk, run by the real driver as a process. Test process of the selftests.

The toy application is plain ASGI with an async SQLAlchemy session and a thread: what loses lines elsewhere,
and starts in half a second.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from coverage import CoverageData

ROOT = Path(__file__).parents[2]
TOYS = Path(__file__).parent / "toys"
TIMEOUT = 60

APP = '''\
"""A service of three operations; `/greenlet` and `/thread` go where tracers lose their place."""

import asyncio
import os
from urllib.parse import parse_qs

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

engine = create_async_engine(os.environ["DATABASE_URL"], poolclass=NullPool)


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    route = {"/greenlet": greenlet, "/thread": thread}[scope["path"]]
    body = await route(parse_qs(scope["query_string"].decode()))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body.encode()})


async def lifespan(receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def greenlet(query):
    async with AsyncSession(engine) as session:
        found = await session.execute(text("SELECT 1"))
        number = found.scalar_one()
    if "double" in query:
        number *= 2
    return str(number)


async def thread(query):
    return await asyncio.to_thread(in_thread)


def in_thread():
    answer = "from"
    answer += " a thread"
    return answer
'''

TESTS = """\
def test_greenlet(http):
    assert http.get("/greenlet").text == "1"


def test_double(http):
    assert http.get("/greenlet?double=1").text == "2"


def test_thread(http):
    assert http.get("/thread").text == "from a thread"
"""

COVERAGERC = """\
[run]
source =
    toy
    tests
branch = ${AFTERAWAIT_BRANCH-true}
concurrency = ${AFTERAWAIT_CONCURRENCY-greenlet, thread}
core = ${AFTERAWAIT_CORE-ctrace}
parallel = true
sigterm = true
disable_warnings =
    module-not-imported
    no-data-collected

[paths]
toy =
    toy
    */toy
tests =
    tests
    */tests

[report]
fail_under = 100
precision = 2
"""

PYPROJECT = """\
[tool.afterawait]
app = "toy.main:app"
source = ["toy"]
database = "sqlite+aiosqlite:"
coverage_config = ".coveragerc"

[tool.afterawait.env]
DATABASE_URL = "{db.url}"

[tool.pytest.ini_options]
testpaths = ["tests"]
addopts = [
    "-p", "no:schemathesis", "-p", "no:randomly", "-p", "no:hypothesispytest", "-p", "no:asyncio",
    "-p", "no:rerunfailures", "--import-mode=importlib",
]
cache_dir = ".afterawait/cache/pytest"
"""


@dataclass(frozen=True)
class Ended:
    """A driver's run that is over."""

    status: int
    output: str


class Project:
    """A toy project in a folder; change its files before running it."""

    def __init__(self, root: Path, toy: str = "") -> None:
        """The project that most selftests run, or one of the folder `toys`."""
        self.root = root
        self._started: list[subprocess.Popen[str]] = []
        if toy:
            shutil.copytree(TOYS / toy, root, ignore=shutil.ignore_patterns("__pycache__", ".*"))
            return
        self.write("toy/__init__.py", "")
        self.write("toy/main.py", APP)
        self.write("tests/conftest.py", 'pytest_plugins = ["afterawait.plugin.hooks"]\n')
        self.write("tests/test_toy.py", TESTS)
        self.write(".coveragerc", COVERAGERC)
        self.write("pyproject.toml", PYPROJECT)

    @property
    def run_folder(self) -> Path:
        """Where the last run left its records and data files, judged or not."""
        return max(path.parent for path in self.root.glob(".afterawait/runs/*/run.json"))

    def write(self, name: str, text: str) -> Path:
        """Write a file, its folders included."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def replace(self, name: str, old: str, new: str) -> None:
        """Change a file's text in one place that must be there."""
        text = (self.root / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def environment(self, env: Mapping[str, str] | None = None) -> dict[str, str]:
        """What the driver is started with: nothing of the process that tests it."""
        mine = re.compile(r"COVERAGE_|AFTERAWAIT_|PYTEST_|DATABASE_URL|PYTHONDONTWRITEBYTECODE")
        inherited = {name: value for name, value in os.environ.items() if not mine.match(name)}
        return inherited | {"PYTHONPATH": str(ROOT)} | dict(env or {})

    def start(
        self, *arguments: str, module: str = "run", env: Mapping[str, str] | None = None
    ) -> subprocess.Popen[str]:
        """Start a driver in a process group of its own; its output is one stream.

        One test process, unless -n says otherwise or "--everything" leaves it to the driver.
        """
        plain = ["-n0"] if module == "run" and not {"-n", "--everything"} & set(arguments) else []
        given = [each for each in arguments if each != "--everything"]
        called = [module] if "." in module else ["afterawait", module]
        process = subprocess.Popen(
            [sys.executable, "-m", *called, *plain, *given],
            cwd=self.root,
            env=self.environment(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
        )
        self._started.append(process)
        return process

    def close(self) -> None:
        """Kill what a failed test left running: all that a driver started ends with it."""
        for process in self._started:
            process.kill()
            process.communicate()

    def run(self, *arguments: str, module: str = "run", env: Mapping[str, str] | None = None) -> Ended:
        """Run a driver to its end."""
        process = self.start(*arguments, module=module, env=env)
        output, _ = process.communicate(timeout=TIMEOUT)
        return Ended(process.returncode, output)

    def arcs(self) -> dict[str, set[tuple[int, int]]]:
        """The arcs of the application in the combined data, by file name below the root; see scripts/lib/arcs.py."""
        data = CoverageData(basename=str(self.root / ".coverage"))
        data.read()
        with closing(data):
            return {
                str(Path(name).relative_to(self.root)): {arc for arc in data.arcs(name) or () if arc[0] != -1}
                for name in data.measured_files()
                if Path(name).is_relative_to(self.root / "toy")
            }
