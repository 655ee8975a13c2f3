"""What the built wheel holds, and the start hook in it."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from afterawait import protocol
from e2e.selftests import installed
from e2e.selftests.project import ROOT

pytestmark = pytest.mark.timeout(installed.TIMEOUT)

HOOK = ROOT / "afterawait" / "agent"


def test_the_wheel_holds_the_tool_and_its_start_hook_and_nothing_else(wheel: Path) -> None:
    """Every file of afterawait/, the static ones and py.typed too."""
    kept = [path for path in (ROOT / "afterawait").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    expected = {str(path.relative_to(ROOT)) for path in kept if path.suffix not in {".pth", ".start"}}

    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert names == expected | {"afterawait.pth", "afterawait.start"}
    assert {"afterawait/py.typed", "afterawait/page/static/index.html"} <= names


def test_the_wheel_asks_for_nothing_that_is_the_applications(wheel: Path) -> None:
    """No server, no framework, no database library, unless an extra is asked for."""
    with zipfile.ZipFile(wheel) as archive:
        [metadata] = [name for name in archive.namelist() if name.endswith("METADATA")]
        text = archive.read(metadata).decode()

    needed = re.findall(r"^Requires-Dist: ([\w-]+)[^;\n]*$", text, re.MULTILINE)

    assert sorted(needed) == [
        "click",
        "coverage",
        "greenlet",
        "httpx",
        "psutil",
        "pytest",
        "pytest-xprocess",
        "tomlkit",
    ]


@pytest.mark.parametrize("name", ["hook.pth", "hook.start"])
def test_both_forms_of_the_start_hook_call_the_same_code(name: str) -> None:
    """And the older one asks for the three variables by their names, before it imports anything of ours."""
    text = (HOOK / name).read_text()

    assert re.search(r"afterawait\.agent\.hook(:| import )start", text)
    if name.endswith(".pth"):
        assert re.findall(r'getenv\("(\w+)"\)', text) == [protocol.RUN, protocol.DROP, protocol.COVERAGE_START]


def test_the_start_hook_is_inert_unless_asked_and_works_once(alone: installed.Environment, tmp_path: Path) -> None:
    """Asked by the .pth file and again by a sitecustomize.py, it writes one record; it prints nothing."""
    (tmp_path / "sitecustomize.py").write_text("from afterawait.agent import hook\nhook.start()\n")
    code = "import sys; print(*sorted(name for name in sys.modules if name.startswith(('afterawait', 'coverage'))))"
    unasked = installed.run(str(alone.python), "-c", code).split()
    asked = {"AFTERAWAIT_RUN": str(tmp_path), "PYTHONPATH": str(tmp_path)}

    done = subprocess.run(
        [alone.python, "-c", "print('mine')"],
        env=installed.environ() | asked,
        capture_output=True,
        text=True,
        check=True,
    )

    light = {"afterawait", "afterawait.agent", "afterawait.agent.hook", "afterawait.protocol"}
    assert set(unasked) <= (light if sys.version_info >= (3, 15) else set())
    assert (done.stdout, done.stderr) == ("mine\n", "")
    assert len(list(tmp_path.glob(protocol.RECORDS))) == 1


def test_a_start_hook_that_cannot_work_lets_the_program_run(alone: installed.Environment, tmp_path: Path) -> None:
    """The run's folder is gone, say: the program says what it has to say, and ends as it would."""
    asked = {"AFTERAWAIT_RUN": str(tmp_path / "gone"), "AFTERAWAIT_SOURCE": str(tmp_path)}

    done = subprocess.run(
        [alone.python, "-c", "print('mine'); raise SystemExit(5)"],
        env=installed.environ() | asked,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.returncode) == ("mine\n", 5), done.stderr
