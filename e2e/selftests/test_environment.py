"""The environment of this checkout: made by the scripts where there is none, and somebody else's never changed."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from e2e.selftests.project import ROOT, TIMEOUT

ENOUGH = {"click", "hatchling", "packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers"}
UV = Path(sys.executable).with_name("uv")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout whose lock has little more than what installs it."""
    folder = tmp_path / "a checkout"
    shutil.copytree(ROOT / "afterawait", folder / "afterawait", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    entries = re.split(r"^(?=[\w.-]+==)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE)
    (folder / "requirements.lock").write_text("".join(each for each in entries if each.split("==")[0] in ENOUGH))
    return folder


def ready(checkout: Path) -> subprocess.CompletedProcess[str]:
    """What every script does first, with the uv of this environment on PATH."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [sys.executable, "scripts/lib/venv.py"],
        cwd=checkout,
        env=inherited | {"PATH": f"{UV.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )


def somebodys(checkout: Path, *installed: str) -> Path:
    """An environment that the scripts did not make, which says that it holds these packages."""
    venv.create(checkout / ".venv", symlinks=True)
    packages = next((checkout / ".venv").glob("lib/python*/site-packages"))
    for each in installed:
        info = packages / f"{each.replace('==', '-')}.dist-info"
        info.mkdir()
        name, version = each.split("==")
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    return checkout / ".venv"


def checksum(folder: Path) -> str:
    """Of every file's path, content and time below a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        digest.update(f"{path} {path.lstat().st_mtime_ns}".encode())
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def test_an_environment_of_ones_own_that_has_what_the_lock_says_is_used_as_it_is(checkout: Path) -> None:
    """Not a file in it changes."""
    (checkout / "requirements.lock").write_text(
        "some-package==1.2\n    # via other\nwin==1 ; sys_platform == 'win32'\n"
    )
    before = checksum(somebodys(checkout, "Some.Package==1.2"))

    done = ready(checkout)

    # Without the package `packaging` nobody can say whom the last line of the lock is for: it counts as not for us.
    assert (done.returncode, done.stderr) == (0, "")
    assert checksum(checkout / ".venv") == before


def test_one_that_differs_is_refused_with_the_command_that_would_change_it(checkout: Path) -> None:
    """Status 4, what differs, and what to do; it stays as it is."""
    (checkout / "requirements.lock").write_text("a==1\nb==2\nc==3\nd==4\ne==5\n")
    before = checksum(somebodys(checkout, "a==1", "b==1.9"))

    done = ready(checkout)

    assert done.returncode == 4
    assert "b is 1.9, not 2, c==3 is missing, d==4 is missing and 1 more" in done.stderr
    assert "pip install --python .venv/bin/python -r requirements.lock" in done.stderr
    assert checksum(checkout / ".venv") == before


def test_a_link_to_an_environment_of_another_checkout_is_not_changed(checkout: Path, tmp_path: Path) -> None:
    """Though that one was made by its own scripts."""
    somebodys(checkout, "a==1").rename(tmp_path / "another")
    (tmp_path / "another" / "made-from").write_text("its own lock\n")
    (checkout / ".venv").symlink_to(tmp_path / "another")
    before = checksum(tmp_path / "another")

    done = ready(checkout)

    assert done.returncode == 4
    assert "differs from requirements.lock" in done.stderr
    assert checksum(tmp_path / "another") == before


def test_an_environment_whose_python_is_gone_is_not_replaced(checkout: Path) -> None:
    """It is somebody's all the same."""
    (somebodys(checkout) / "bin" / "python").unlink()

    done = ready(checkout)

    assert done.returncode == 4
    assert "has no Python 3.12 or newer that runs" in done.stderr
    assert not (checkout / ".venv" / "bin" / "python").exists()


def test_without_a_lock_one_sentence_says_so(checkout: Path) -> None:
    """Not a traceback; and an environment that is there stays."""
    (checkout / "requirements.lock").unlink()

    done = ready(checkout)

    assert done.returncode == 4
    assert done.stderr.startswith("environment (4): requirements.lock is missing")


def test_one_that_the_scripts_made_is_kept_up_to_date(checkout: Path) -> None:
    """Begun and interrupted, it is made anew; finished, it is left alone; changed by hand, it is made anew."""
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "made-from").touch()

    made = ready(checkout)
    before = checksum(checkout / ".venv")
    again = ready(checkout)
    unchanged = checksum(checkout / ".venv") == before
    subprocess.run([UV, "pip", "uninstall", "--quiet", "click"], cwd=checkout, check=True)
    cured = ready(checkout)

    assert (made.returncode, again.returncode, cured.returncode) == (0, 0, 0), made.stderr + cured.stderr
    assert again.stderr == ""
    assert unchanged
    said = subprocess.run([checkout / ".venv/bin/afterawait", "--version"], check=True, capture_output=True, text=True)
    assert said.stdout.startswith("afterawait, version ")
