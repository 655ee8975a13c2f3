"""The interpreters of this machine, and an environment for each combination of libraries, built once. Proof process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from e2e.proof.lost.cells import WIDE_SINCE, WITHOUT, Libraries

FOUNDING_PYTHON = (3, 9)
"""With which the question was asked."""
SQLALCHEMY = {
    WITHOUT: (),
    "1.4": ("sqlalchemy[asyncio]==1.4.*", "aiosqlite<0.22"),  # a newer one hangs at the end of an engine left open
    "2.0": ("sqlalchemy[asyncio]==2.0.*", "aiosqlite"),
    "2.1": ("sqlalchemy[asyncio]==2.1.*", "aiosqlite"),
}
SINCE = {"2.1": (3, 10)}
COMMON = ("fastapi", "uvicorn", "websockets", "httpx", "coverage", "greenlet", "asyncpg")
SHOWN = (*COMMON, "sqlalchemy", "aiosqlite")
INSTALLING = 600.0  # seconds

VERSIONS = f"""\
import json, platform
from importlib.metadata import PackageNotFoundError, version
found = {{"python": platform.python_version()}}
for name in {SHOWN!r}:
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        pass
print(json.dumps(found))
"""


def interpreters() -> dict[tuple[int, int], Path]:
    """The newest Python of each minor version that is asked about and really runs here: shims can lie."""
    found: dict[tuple[int, int], tuple[tuple[int, ...], Path]] = {}
    for path in _candidates():
        version = _version_of(path)
        if version[:2] == FOUNDING_PYTHON or version[:2] >= WIDE_SINCE:
            minor = version[0], version[1]
            found[minor] = max(found.get(minor, ((), path)), (version, path))
    return {minor: path for minor, (_, path) in sorted(found.items())}


def _candidates() -> Iterator[Path]:
    yield Path(sys.executable)
    for minor in (FOUNDING_PYTHON[1], *range(WIDE_SINCE[1], WIDE_SINCE[1] + 8)):
        name = f"3.{minor}"
        if found := shutil.which(f"python{name}"):
            yield Path(found)
        root = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv")))
        yield from sorted(root.glob(f"versions/{name}.*/bin/python"))


def _version_of(python: Path) -> tuple[int, ...]:
    program = "import sys; print(*sys.version_info[:3])"
    try:
        done = subprocess.run([python, "-c", program], capture_output=True, text=True, timeout=20, check=True)
        return tuple(map(int, done.stdout.split()))
    except (OSError, ValueError, subprocess.SubprocessError):
        return ()


def libraries(pythons: dict[tuple[int, int], Path]) -> list[Libraries]:
    """What is asked about, for the interpreters that there are."""
    return [
        Libraries(python, sqlalchemy)
        for python in pythons
        for sqlalchemy in SQLALCHEMY
        if python >= SINCE.get(sqlalchemy, python)
    ]


def own() -> Libraries:
    """The environment that this runs in."""
    return Libraries(
        (sys.version_info[0], sys.version_info[1]),
        ".".join(versions(Path(sys.executable))["sqlalchemy"].split(".")[:2]),
    )


def build(folder: Path, wanted: Libraries, python: Path) -> Path:
    """The interpreter of the environment of `wanted` below `folder`, made where it is missing.

    Raises subprocess.CalledProcessError or subprocess.TimeoutExpired where it cannot be made.
    """
    place = folder / wanted.name
    inside = place / "bin" / "python"
    stamp = place / "made-for"
    requirements = [*COMMON, *SQLALCHEMY[wanted.sqlalchemy]]
    told = json.dumps([str(python), *requirements])
    if stamp.exists() and stamp.read_text() == told:
        return inside
    shutil.rmtree(place, ignore_errors=True)
    if uv := shutil.which("uv"):
        _do(uv, "venv", "--quiet", "--python", str(python), str(place))
        _do(uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(inside), *requirements)
    else:
        _do(str(python), "-m", "venv", str(place))
        _do(str(inside), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *requirements)
    stamp.write_text(told)
    return inside


def _do(*command: str) -> None:
    dropped = {"PYTHONPATH", "VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"}
    environment = {name: value for name, value in os.environ.items() if name not in dropped}
    subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=INSTALLING)


def versions(python: Path) -> dict[str, str]:
    """What an environment really holds."""
    done = subprocess.run([python, "-c", VERSIONS], capture_output=True, text=True, check=True)
    told: dict[str, str] = json.loads(done.stdout)
    return told
