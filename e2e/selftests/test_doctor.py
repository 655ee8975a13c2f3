"""`afterawait doctor`: sound projects are left alone; what is wrong is found, and said. Test process."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import coverage
import pytest

from afterawait.doctor.examine import Examination, examine
from e2e.selftests.doctor_projects import SOUND, WRONG
from e2e.selftests.doctored import Patient, findings
from e2e.selftests.project import NOT_INHERITED, ROOT, Project


@pytest.fixture(scope="module", autouse=True)
def _nobodys_variables() -> Iterator[None]:
    """What measures these tests themselves is nobody's business."""
    held = {name: os.environ.pop(name) for name in list(os.environ) if NOT_INHERITED.match(name)}
    yield
    os.environ |= held


def made(root: Path, files: dict[str, str]) -> Examination:
    """A project with these files, looked at."""
    patient = Patient(root / "a project", toy=None)
    for name, text in files.items():
        patient.write(name, text)
    return examine(patient.root, named_python=sys.executable)


@pytest.mark.parametrize("files", SOUND.values(), ids=SOUND)
def test_a_sound_project_is_left_alone(tmp_path: Path, files: dict[str, str]) -> None:
    """Status 0, and not a line to change that is called for by something wrong."""
    found = made(tmp_path, files)

    assert found.status == 0, [each for each in found.checked if each.level == "wrong"]


@pytest.mark.parametrize(("files", "check", "what"), WRONG.values(), ids=WRONG)
def test_what_is_read_from_the_code_is_found(tmp_path: Path, files: dict[str, str], check: str, what: str) -> None:
    """Each with its place, what it costs, what to do about it, and where to read on."""
    found = made(tmp_path, files)

    (finding,) = [one for each in found.checked if each.name == check for one in each.findings if one.level == "wrong"]
    assert found.status == 3
    assert finding.what.startswith(what)
    assert finding.steps or finding.changes
    assert all((finding.why, finding.costs))


def test_every_page_that_a_finding_names_has_that_heading() -> None:
    """Nobody is sent to what is not there."""
    sources = "".join(each.read_text(encoding="utf-8") for each in (ROOT / "afterawait/doctor").rglob("*.py"))
    named = set(re.findall(r'"docs/(\w+\.md)#([\w-]+)"', sources))

    for page, anchor in named:
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
    assert len(named) > 5


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({"pyproject.toml": "[tool.coverage.run]\nsource = [1\nx\n"}, "Unclosed array (at line 3, column 1)"),
        ({"pyproject.toml": "[tool.coverage.run]\nsource = ["}, "at line 2, column 11: its end"),
        ({".coveragerc": "[run]\nconcurrency = fibres\n"}, ".coveragerc:2: Unknown concurrency choices: fibres"),
        ({".coveragerc": "[run]\nplugins = no_such_plugin\n"}, "cannot be imported: No module named 'no_such_plugin'"),
    ],
    ids=["line and column", "the end", "a value", "a plugin"],
)
def test_settings_that_coverage_refuses_are_one_sentence(tmp_path: Path, files: dict[str, str], sentence: str) -> None:
    """Status 4, no traceback; where it is, and what it is."""
    patient = Patient(tmp_path / "a project", toy=None)
    for name, text in files.items():
        patient.write(name, text)

    done = patient.say()

    assert done.returncode == 4, done.stdout + done.stderr
    assert sentence in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_folder_without_python_is_asked_about(tmp_path: Path) -> None:
    """That nothing is wrong in it means nothing."""
    assert made(tmp_path, {}).project.notes == ["There is no Python file here: is this the root of the project?"]


def test_the_documents_name_every_key_of_the_answer(tmp_path: Path) -> None:
    """Of one that could be given, and of a refusal."""
    text = (ROOT / "docs/doctor.md").read_text(encoding="utf-8").partition("## For a machine")[2]
    patient = Patient(tmp_path / "a project", toy=None)

    given = patient.ask("--python", sys.executable, status=0)
    refused = patient.ask("--python", "/nowhere", status=4)

    assert set(re.findall(r"^\| `(\w+)` \|", text, flags=re.MULTILINE)) == given.keys() | refused.keys()
    assert refused["fault"]["message"].startswith("--python names /nowhere")


@pytest.mark.parametrize("options", [("--python", "/nowhere"), ("--rcfile", "nowhere.cfg")])
def test_what_the_command_line_names_must_be_there(tmp_path: Path, options: tuple[str, str]) -> None:
    """A wrong word on the command line is no finding."""
    done = Patient(tmp_path / "a project", toy=None).say(*options)

    assert done.returncode == 4
    assert f"{options[0]} names {options[1]}" in done.stdout


def test_the_projects_own_python_is_asked_and_one_without_coverage_is_said(tmp_path: Path) -> None:
    """The environment beside the project, even where this one has all that it lacks."""
    patient = Patient(tmp_path / "a project", toy=None)
    venv.create(patient.root / ".venv", symlinks=True)

    answer = patient.ask(status=0, env={"VIRTUAL_ENV": ""})

    said = "coverage.py is not installed for .venv/bin/python: looked at with Afterawait's own Python instead"
    assert findings(answer, "note") == {"coverage.py": [said]}


def test_a_python_without_a_start_hook_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where coverage.py can be imported, but its .pth file is in no folder that is looked into for them."""
    patient = Patient(tmp_path / "a project", toy=None)
    for name, text in SOUND["a server, by the variable"].items():
        patient.write(name, text)
    venv.create(patient.root / ".venv", symlinks=True)
    (packages,) = (patient.root / ".venv").glob("lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(str(Path(coverage.__file__).parents[1]), encoding="utf-8")

    monkeypatch.delenv("PYTHONPATH", raising=False)  # this checkout's sitecustomize.py is such a hook

    found = examine(patient.root, named_python=str(patient.root / ".venv"))

    (finding,) = [one for each in found.checked for one in each.findings]
    assert finding.what == "A process that the tests start would not measure itself"
    assert finding.level == "wrong"


def test_nothing_is_written_and_a_log_has_no_colours(project: Project) -> None:
    """The project is as it was, its data file too; what a person reads says all."""
    before = state(project.root)

    ended = project.run(module="doctor")

    assert ended.status == 0, ended.output
    assert state(project.root) == before
    assert "\x1b" not in ended.output
    assert "ok    concurrency    greenlet, thread" in ended.output
    assert ended.output.endswith("Nothing that makes the coverage wrong was found.\n")


@pytest.mark.parametrize("variables", [{}, {"NO_COLOR": "1"}], ids=["colours", "NO_COLOR"])
def test_a_terminal_gets_signs_and_colours_unless_somebody_wants_none(
    tmp_path: Path, variables: dict[str, str]
) -> None:
    """As all of the tool's commands do."""
    (tmp_path / ".coveragerc").write_text("[run]\nsource = nowhere\n")
    env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    env |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **variables}

    with terminal() as (inside, read):
        command = [sys.executable, "-m", "afterawait", "doctor", "--python", sys.executable]
        done = subprocess.run(command, cwd=tmp_path, env=env, stdout=inside, check=False, timeout=60)
        output = read()

    assert done.returncode == 3
    assert "✗" in output
    assert ("\x1b[31m" in output) == (not variables)


@contextmanager
def terminal() -> Iterator[tuple[int, Reader]]:
    """Both ends of one: what a program writes to, and what reads all of that when the program has ended."""
    outside, inside = pty.openpty()
    reader = Reader(outside, inside)
    try:
        yield inside, reader
    finally:
        os.close(outside)


class Reader:
    """Closes the inner end, and reads until there is no more."""

    def __init__(self, outside: int, inside: int) -> None:
        self._outside, self._inside = outside, inside

    def __call__(self) -> str:
        """All that was written."""
        os.close(self._inside)
        got = b""
        while True:
            try:
                more = os.read(self._outside, 65536)
            except OSError:  # Linux's way of saying that it is over
                more = b""
            if not more:
                return got.decode()
            got += more


def state(root: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(each): each.read_bytes() for each in root.rglob("*") if each.is_file()}
