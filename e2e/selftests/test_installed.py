"""A new project outside the repository, in an environment with the built wheel: measured, judged, 100 %."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from e2e.selftests import installed

pytestmark = pytest.mark.timeout(installed.TIMEOUT)

TOY = Path(__file__).with_name("toys") / "new_project"
APPLICATION = ("fastapi", "uvicorn", "sqlalchemy[asyncio]", "aiosqlite")
REMEMBERED = {"__pycache__", ".pytest_cache"}  # what every Python and every pytest leaves


@pytest.fixture(params=["venv", "uv"])
def environment(request: pytest.FixtureRequest, installations: Path, wheel: Path) -> installed.Environment:
    """One with the wheel and what the toy's application needs."""
    return installed.environment(installations / "an environment", request.param, str(wheel), *APPLICATION)


@pytest.fixture(params=["flat", "src"])
def new_project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The toy in a folder with a space in its path."""
    project = tmp_path / "a project"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(TOY / "tests", project / "tests", ignore=ignored)
    shutil.copy(TOY / "pyproject.toml", project)
    shutil.copytree(TOY / "shop", project / ("src/shop" if request.param == "src" else "shop"), ignore=ignored)
    return project


def contents(*folders: Path) -> dict[str, str]:
    """A checksum of each file, by path."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and not REMEMBERED & set(path.parts)
    }


def test_a_new_project_is_measured_judged_and_covered(environment: installed.Environment, new_project: Path) -> None:
    """With settings of two lines. Of environment and project nothing changes, but that .afterawait/ is added."""
    before = contents(environment.root, new_project)

    said = installed.run(str(environment.root / "bin" / "afterawait"), "run", cwd=new_project)

    added = contents(environment.root, new_project).items() ^ before.items()
    assert {Path(name).relative_to(new_project).parts[0] for name, _ in added} == {".afterawait"}
    assert "2 passed" in said
    assert "coverage.py and the witness agree on" in said
    assert "100.00 % of lines and branches" in said
