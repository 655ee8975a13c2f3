"""The scripts: they find a Python, say how they are used, and the documents tell the truth about them."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from afterawait import settings
from afterawait.faults import Status
from e2e.selftests.project import ROOT, TIMEOUT, Project

SCRIPTS = sorted(path for path in (ROOT / "scripts").glob("*.sh"))
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TOOLS = ("bash", "dirname", "sed", "env", "uname")


def run(command: list[str], **env: str) -> subprocess.CompletedProcess[str]:
    """Run a script with an environment of nothing but `env`."""
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=TIMEOUT)


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH with a shell's tools and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = next(Path(each) / tool for each in ("/usr/bin", "/bin") if (Path(each) / tool).exists())
        (folder / tool).symlink_to(found)
    return folder


@pytest.fixture
def scripts_alone(tmp_path: Path) -> Path:
    """A checkout's scripts without a .venv."""
    folder = tmp_path / "a checkout" / "scripts"
    (folder / "lib").mkdir(parents=True)
    for path in [*SCRIPTS, ROOT / "scripts/lib/python.sh", ROOT / "scripts/lib/venv.py"]:
        copy = folder / path.relative_to(ROOT / "scripts")
        copy.write_bytes(path.read_bytes())
        copy.chmod(path.stat().st_mode)
    return folder


@pytest.mark.parametrize("script", SCRIPTS, ids=[path.name for path in SCRIPTS])
def test_every_script_says_how_it_is_used(script: Path) -> None:
    """--help: exit 0, and more than a line."""
    done = run([str(script), "--help"], PATH=os.environ["PATH"], HOME=os.environ["HOME"])

    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 1
    assert "usage:" in done.stdout.lower()


@pytest.mark.parametrize("script", SCRIPTS, ids=[path.name for path in SCRIPTS])
def test_a_script_is_thin(script: Path) -> None:
    """One verb a file, at most 20 lines: what it does is in modules that are tested."""
    assert script.stat().st_mode & stat.S_IXUSR
    assert len(script.read_text().splitlines()) <= 20


def test_without_a_python_the_reason_is_said(scripts_alone: Path, bare_path: Path, tmp_path: Path) -> None:
    """Nothing on PATH, no pyenv, no uv: exit 4."""
    done = run([str(scripts_alone / "e2e.sh")], PATH=str(bare_path), HOME=str(tmp_path))

    assert done.returncode == 4, done.stderr
    assert "no Python 3.12 or newer was found" in done.stderr


def test_a_python_that_does_not_run_is_passed_over(scripts_alone: Path, bare_path: Path, tmp_path: Path) -> None:
    """A shim without the version behind it fails, whatever its name says."""
    for name in ("python3.13", "python3"):
        (bare_path / name).write_text("#!/bin/bash\necho 'version not installed' >&2\nexit 127\n")
        (bare_path / name).chmod(0o755)

    done = run([str(scripts_alone / "e2e.sh")], PATH=str(bare_path), HOME=str(tmp_path))

    assert done.returncode == 4, done.stderr
    assert "no Python 3.12 or newer was found" in done.stderr


def test_a_python_asked_for_that_will_not_do_is_refused(scripts_alone: Path, bare_path: Path, tmp_path: Path) -> None:
    """PYTHON is a wish to be told about, not one to pass over."""
    done = run([str(scripts_alone / "e2e.sh")], PATH=str(bare_path), HOME=str(tmp_path), PYTHON="/nowhere/python3.13")

    assert done.returncode == 4, done.stderr
    assert "PYTHON=/nowhere/python3.13 is no Python 3.12 or newer" in done.stderr


def test_sitecustomize_is_inert_unless_asked() -> None:
    """Found on the path of any Python, it imports what asks the environment, and starts nothing."""
    code = "import sys; print(*sorted(n for n in sys.modules if n.startswith(('afterawait', 'coverage'))))"

    done = run([sys.executable, "-c", code], PYTHONPATH=str(ROOT))

    inert = ["afterawait", "afterawait.agent", "afterawait.agent.hook", "afterawait.protocol"]
    assert done.stdout.split() == inert, done.stderr


@pytest.mark.parametrize("asked", [True, False], ids=["measured", "unmeasured"])
def test_sitecustomize_runs_the_one_it_shadows(tmp_path: Path, asked: bool) -> None:
    """A distribution's or another tool's start-up hook is not lost."""
    (tmp_path / "sitecustomize.py").write_text("print('the other one')\n")
    env = {"AFTERAWAIT_RUN": str(tmp_path)} if asked else {}

    done = run(
        [sys.executable, "-c", "import sitecustomize; print(sitecustomize.__file__)"],
        PYTHONPATH=f"{ROOT}{os.pathsep}{tmp_path}",
        **env,
    )

    assert done.stdout.splitlines() == ["the other one", str(tmp_path / "sitecustomize.py")], done.stderr
    assert len(list(tmp_path.glob("process-*.json"))) == asked


def test_two_checkouts_on_one_path_measure_once(tmp_path: Path) -> None:
    """A run that a run of another checkout started: each hook runs, in order, and one of them measures."""
    second = tmp_path / "second"
    second.mkdir()
    for folder in (second, tmp_path):
        (folder / "sitecustomize.py").write_text((ROOT / "sitecustomize.py").read_text())
    with (tmp_path / "sitecustomize.py").open("a") as last:
        last.write("print('the last one')\n")

    done = run(
        [sys.executable, "-c", "pass"],
        PYTHONPATH=os.pathsep.join(map(str, [second, ROOT, tmp_path])),
        AFTERAWAIT_RUN=str(tmp_path),
    )

    assert (done.stdout, done.stderr) == ("the last one\n", "")
    assert len(list(tmp_path.glob("process-*.json"))) == 1


def test_coverage_process_start_alone_measures_without_a_run(project: Project) -> None:
    """The ordered way, without the harness: COVERAGE_PROCESS_START and this sitecustomize.py."""
    env = project.environment(
        {"COVERAGE_PROCESS_START": str(project.root / ".coveragerc"), "DATABASE_URL": "sqlite+aiosqlite://"}
    )
    subprocess.run([sys.executable, "-c", "import toy.main"], cwd=project.root, env=env, check=True, timeout=TIMEOUT)

    assert list(project.root.glob(".coverage.*"))


def test_the_readme_lists_the_environment() -> None:
    """The same names as the settings read, no more and no less."""
    rows = re.findall(r"^\| `([A-Z_0-9]+)` \|", (ROOT / "README.md").read_text(), flags=re.MULTILINE)

    assert sorted(rows) == sorted(settings.ENVIRONMENT)


def test_the_readme_lists_the_exit_statuses() -> None:
    """Every status that a run can end with."""
    rows = re.findall(r"^\| (\d+) \|", (ROOT / "README.md").read_text(), flags=re.MULTILINE)

    assert sorted(map(int, rows)) == sorted(map(int, Status))


@pytest.mark.parametrize("document", DOCUMENTS, ids=[path.name for path in DOCUMENTS])
def test_what_a_document_points_at_exists(document: Path) -> None:
    """Links to files and names of scripts."""
    text = document.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    scripts = re.findall(r"scripts/[a-z0-9_]+\.sh", text)

    missing = [each for each in links if not (document.parent / each).exists()]
    missing += [each for each in scripts if not (ROOT / each).exists()]

    assert not missing
