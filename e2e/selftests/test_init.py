"""`afterawait init`: what it leaves alone, what it asks, what it says of a project that it cannot settle."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from afterawait.cli.__main__ import main
from e2e.selftests import adoption
from e2e.selftests.project import environment

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    folder = tmp_path / "a prøject"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def write(folder: Path, files: dict[str, str]) -> None:
    """Files of a project."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def contents(folder: Path) -> dict[str, bytes]:
    """Every file by its name."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def table(folder: Path) -> dict[str, object]:
    """What was written."""
    found: dict[str, object] = tomllib.loads((folder / "pyproject.toml").read_text())["tool"]["afterawait"]
    return found


@pytest.mark.parametrize(
    "before",
    [
        '# mine\n[project]\nname = "x"   # odd   spaces\n',
        "[tool.black]\r\nline-length = 3\r\n",
        '[project]\nname = "x"',
        "",
    ],
    ids=["comments", "ends of Windows", "no last end", "empty"],
)
def test_the_rest_of_pyproject_toml_stays_as_it_is(here: Path, before: str) -> None:
    """To the byte; what is added has the ends of lines that the file has."""
    write(here, {"main.py": APP, "pyproject.toml": before})

    status = main(["init"])

    after = (here / "pyproject.toml").read_bytes().decode()
    assert status == 0
    assert after.startswith(before)
    assert table(here)["app"] == "main:app"
    assert ("\r\n" in before) == ("\r\n" in after)
    assert after.count("\r\n") in {0, after.count("\n")}


def test_a_project_without_a_pyproject_toml_gets_one(here: Path) -> None:
    """With the one table."""
    write(here, {"main.py": APP})

    main(["init"])

    assert tomllib.loads((here / "pyproject.toml").read_text()) == {
        "tool": {"afterawait": {"app": "main:app", "tests": ["e2e"], "fail_under": 0}}
    }


def test_a_dry_run_shows_a_diff_and_writes_nothing(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`patch` makes of it what `init` writes."""
    write(here, {"main.py": APP, "pyproject.toml": '[project]\nname = "x"'})
    before = contents(here)

    main(["init", "--dry-run", "--ci"])

    shown = capsys.readouterr().out
    assert contents(here) == before
    diff = shown[shown.index("--- ") :]
    subprocess.run(["patch", "-p1"], input=diff, text=True, check=True, capture_output=True)
    patched = contents(here)
    for name in patched.keys() - before.keys():
        (here / name).unlink()
    write(here, {"pyproject.toml": before["pyproject.toml"].decode()})
    main(["init", "--ci"])
    assert contents(here) == patched


def test_a_second_init_changes_nothing_that_a_person_edited(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither settings, nor a test that was taken away, nor a workflow."""
    write(here, {"main.py": APP})
    main(["init", "--ci"])
    (here / "pyproject.toml").write_text('[tool.afterawait]\napp = "main:app"  # mine\n')
    (here / "e2e" / "test_operations.py").unlink()
    (here / ".github" / "workflows" / "afterawait.yml").write_text("mine\n")
    edited = contents(here)
    capsys.readouterr()

    status = main(["init", "--ci"])

    assert status == 0
    assert contents(here) == edited
    assert capsys.readouterr().out.count("stays as it is") == 2


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"main.py": APP, "pyproject.toml": "[tool.x]\na = = 3\n"}, ["is not TOML", "line 2, column 5"]),
        ({"main.py": APP, "pyproject.toml": "tool = { x = 1 }\n"}, ["in a form that no table can be added to"]),
        ({"main.py": APP, "pyproject.toml": "[tool]\nafterawait = 3\n"}, ["is 3, which is not a table"]),
        ({"main.py": "print()\n"}, ["No application was found", "`afterawait init --app package.module:app`"]),
        ({"main.py": "def app(:\n"}, ["No application was found"]),
        (
            {"backend/app/main.py": APP, "backend/app/__init__.py": "", "backend/pyproject.toml": ""},
            ["is in backend/, a project of its own", "`cd backend`"],
        ),
    ],
    ids=["TOML", "braces", "no table", "no application", "no Python", "another project's"],
)
def test_what_cannot_be_settled_is_one_sentence(
    here: Path, capsys: pytest.CaptureFixture[str], files: dict[str, str], said: list[str]
) -> None:
    """Status 4, what to write, and nothing written."""
    write(here, files)
    before = contents(here)

    status = main(["init"])

    shown = capsys.readouterr().out
    assert status == 4
    assert all(each in shown for each in said), shown
    assert contents(here) == before


@pytest.mark.parametrize("app", ["main", "main app", "nowhere:app"])
def test_a_wrong_name_for_the_application_is_refused(here: Path, app: str) -> None:
    """Before anything is written."""
    write(here, {"main.py": APP})

    assert main(["init", "--app", app]) == 4
    assert contents(here) == {"main.py": APP.encode()}


TWO = {
    "public/main.py": APP,
    "admin/main.py": APP,
    "Procfile": "web: uvicorn public.main:app\nadmin: uvicorn admin.main:app\n",
}


def test_of_two_applications_the_likelier_is_taken_and_it_is_said(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where nobody can be asked."""
    write(here, TWO)

    main(["init"])

    assert table(here)["app"] == "public.main:app"
    assert "admin.main:app (Procfile:2): not taken; `afterawait init --app` names another" in capsys.readouterr().out


def test_on_a_terminal_a_person_chooses(here: Path) -> None:
    """Between several; the answer is a number."""
    write(here, TWO)
    ours, theirs = pty.openpty()

    process = subprocess.Popen(
        [sys.executable, "-m", "afterawait", "init"],
        cwd=here,
        env=environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    os.write(ours, b"2\n")
    shown = b""
    while more := _read(ours):
        shown += more
    os.close(ours)

    assert process.wait() == 0, shown
    assert b"Which of them is tested" in shown
    assert table(here)["app"] == "admin.main:app"


def _read(terminal: int) -> bytes:
    """What is printed there; nothing when the program has ended."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def test_a_checkout_that_cannot_be_written_stays_whole(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read-only: status 4; and --dry-run shows what would be written."""
    write(small_disk, {"main.py": APP})
    monkeypatch.chdir(small_disk)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)

    assert main(["init"]) == 4
    assert main(["init", "--dry-run"]) == 0
    assert (small_disk / "main.py").exists()
    assert not (small_disk / "e2e").exists()


def test_a_test_folder_is_out_of_reach_of_other_conftests(here: Path) -> None:
    """One that imports the project or acts by itself would run before each test."""
    write(here, {"main.py": APP, "tests/unit/test_x.py": "", "tests/conftest.py": "import main\n"})
    main(["init"])
    first = table(here)["tests"]
    (here / "pyproject.toml").unlink()
    write(here, {"tests/conftest.py": "import os\n"})
    main(["init"])

    assert (first, table(here)["tests"]) == (["e2e"], ["tests/e2e"])


def test_the_adoption_table_has_every_toy() -> None:
    """The script runs them all; each is in the table of what is written."""
    from e2e.selftests.test_init_toys import WRITTEN

    assert sorted(WRITTEN) == sorted([*adoption.TOY_NAMES, *adoption.VARIANTS])
