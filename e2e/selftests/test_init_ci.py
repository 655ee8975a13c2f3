"""The workflow that `init --ci` writes: its commands, done by hand, end in one whole, gated result."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from afterawait.cli.__main__ import main
from e2e.selftests import adoption
from e2e.selftests.project import TIMEOUT, environment


def workflow(root: Path) -> dict[str, Any]:
    """The one that was written."""
    found: dict[str, Any] = yaml.safe_load((root / ".github" / "workflows" / "afterawait.yml").read_text())
    return found


def commands(job: dict[str, Any]) -> list[str]:
    """What a job runs."""
    return [each["run"] for each in job["steps"] if "run" in each]


@pytest.mark.parametrize(
    ("files", "installs", "runs"),
    [
        ({}, 'pip install "afterawait[postgres]"', "afterawait run"),
        ({"requirements.txt": "", "requirements-dev.txt": ""},
         'pip install -r requirements-dev.txt -r requirements.txt "afterawait[postgres]"', "afterawait run"),
        ({"pyproject.toml": '[project]\nname = "x"\n'}, 'pip install -e . "afterawait[postgres]"', "afterawait run"),
        ({"poetry.lock": ""}, 'poetry run pip install "afterawait[postgres]"', "poetry run afterawait run"),
        ({"uv.lock": "", "pyproject.toml": '[project]\nname = "x"\n[dependency-groups]\ndev = ["afterawait"]\n'},
         "uv sync --all-groups", "uv run afterawait run"),
    ],
    ids=["nothing", "requirements", "a project", "poetry", "uv"],
)  # fmt: skip
def test_a_workflow_installs_as_the_project_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], installs: str, runs: str
) -> None:
    """By uv, poetry or pip; and nothing twice."""
    project = adoption.copy("sync_psycopg", tmp_path)
    (project / "requirements.txt").unlink()
    for name, text in files.items():
        (project / name).write_text(text)
    monkeypatch.chdir(project)

    assert main(["init", "--ci"]) == 0

    shard = commands(workflow(project)["jobs"]["shard"])
    assert shard[-2:] == [installs, f"{runs} --shard ${{{{ matrix.shard }}}}/2"]


def test_in_a_folder_of_a_repository_the_workflow_is_the_repositorys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitHub looks for workflows at the top alone; each step works in the folder."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(adoption.copy("secret", tmp_path))

    assert main(["init", "--ci"]) == 0

    found = workflow(tmp_path)
    assert found["defaults"]["run"]["working-directory"] == "secret"
    upload = next(each for each in found["jobs"]["shard"]["steps"] if "upload" in each.get("uses", ""))
    assert upload["with"]["path"].split() == ["secret/.afterawait/runs", "!secret/.afterawait/runs/*/tmp"]


@pytest.mark.full
@pytest.mark.timeout(300)
def test_the_shards_of_the_workflow_add_up_to_a_whole_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each job in a checkout of its own; what they upload is combined, and gates."""
    project = adoption.copy("secret", tmp_path)
    monkeypatch.chdir(project)
    main(["init", "--ci"])
    jobs = workflow(project)["jobs"]
    for shard in jobs["shard"]["strategy"]["matrix"]["shard"]:
        checkout = tmp_path / f"shard {shard}"
        shutil.copytree(project, checkout)
        said = do(commands(jobs["shard"])[-1].replace("${{ matrix.shard }}", str(shard)), checkout)
        assert "no gate" in said
        shutil.copytree(checkout / ".afterawait" / "runs", project / "artifacts" / f"afterawait-{shard}")

    said = do(commands(jobs["combine"])[-1], project)

    assert re.search(r"write fail_under = \d+", said), said


def do(line: str, cwd: Path) -> str:
    """A command of the workflow, which must end well, by the Python of these tests."""
    program, *arguments = line.split()
    done = subprocess.run(
        [sys.executable, "-m", program, *arguments],
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
