"""The commands that README and docs show do what they are said to do, on a project that is called `app`."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from afterawait.settings_table import KEYS
from e2e.selftests import processes
from e2e.selftests.project import ROOT, TIMEOUT, Project

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(r"^ {4}((?:[A-Z_]+=\S+ )*(?:afterawait [a-z]+|pytest)\b[^#\n]*)", re.MULTILINE)


def shown() -> list[str]:
    """Every command line in a code block of README or docs, once."""
    found = [line.strip() for path in DOCUMENTS for line in COMMAND.findall(path.read_text(encoding="utf-8"))]
    return list(dict.fromkeys(found))


SHOWN = shown()
SERVING = [line for line in SHOWN if line.split()[1:2] in (["serve"], ["record"], ["explore"])]
ENDING = [line for line in SHOWN if line not in SERVING and "=" not in line.split()[0]]
RUNNING = [line for line in ENDING if line.split()[1:2] == ["run"]]


def long_form(line: str) -> list[pytest.MarkDecorator]:
    """Of a whole run: it is collected in any case, and others test what its options do."""
    return [pytest.mark.full] if line in RUNNING and line != "afterawait run -k tags" else []


@pytest.fixture(scope="module")
def as_documented(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The toy under the names that the documents use, after a run."""
    project = Project(tmp_path_factory.mktemp("documents") / "a project")
    (project.root / "toy").rename(project.root / "app")
    for path in [path for path in project.root.rglob("*") if path.is_file()]:
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"\btoy\b", "app", text).replace("test_count", "test_tags"), encoding="utf-8")
    assert project.run().status == 0, project.ended.output
    return project


@pytest.fixture
def documented(as_documented: Project, tmp_path: Path) -> Iterator[Project]:
    """The same, for one test."""
    project = as_documented.copied(tmp_path / "a project")
    yield project
    project.close()


def test_the_documents_show_every_verb() -> None:
    """Whoever reads them meets each command of the tool."""
    from afterawait.cli.__main__ import VERBS

    assert {line.split()[1] for line in SHOWN if line.startswith("afterawait")} == set(VERBS)


@pytest.mark.parametrize("line", RUNNING)
def test_a_run_that_is_shown_is_understood(documented: Project, line: str) -> None:
    """By Afterawait and by pytest, which then only collects the tests."""
    ended = documented.run(*shlex.split(line)[2:], "--collect-only")

    assert ended.status == 0, ended.output
    assert "<Function test_" in ended.output


@pytest.mark.parametrize("line", [pytest.param(line, marks=long_form(line)) for line in ENDING])
def test_a_command_that_is_shown_works(documented: Project, line: str) -> None:
    """It ends well in a project that has what the documents speak of."""
    words = shlex.split(line)
    if words[0] == "pytest":
        plain = [sys.executable, "-m", "pytest"]
        done = subprocess.run(
            plain,
            check=False,
            cwd=documented.root,
            env=documented.environment(),
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
        )
        assert done.returncode == 0, done.stdout
        return

    ended = documented.run(*words[2:], module=words[1])

    assert ended.status == 0, ended.output


@pytest.mark.parametrize("line", SERVING)
def test_a_server_that_is_shown_starts_and_stops(documented: Project, line: str) -> None:
    """It serves until Ctrl-C, on whatever ports are free here."""
    words = shlex.split(line)
    ports = ["--port", "0", "--page-port", "0"] if words[1] == "explore" else []
    if "--demo" in words:
        documented.replace("pyproject.toml", "[tool.afterawait]\n", '[tool.afterawait]\ndemo = "python -c pass"\n')
    log = documented.root / ".afterawait"
    shutil.rmtree(log)
    driver = documented.start(*words[2:], *ports, module=words[1])
    record = "explore/run/process-*.json" if words[1] == "explore" else "runs/*/process-*.json"

    processes.until(lambda: any('"served": true' in each.read_text() for each in log.glob(record)), "it serves")
    driver.send_signal(signal.SIGINT)
    output, _ = driver.communicate(timeout=TIMEOUT)

    assert driver.returncode in {0, 2}, output


def test_what_the_documents_link_to_exists() -> None:
    """Files beside them, and scripts."""
    missing = []
    for path in [*DOCUMENTS, ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]:
        text = path.read_text(encoding="utf-8")
        links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
        missing += [f"{path.name}: {each}" for each in links if not (path.parent / each).exists()]
        scripts = re.findall(r"scripts/[a-z0-9_]+\.sh", text)
        missing += [f"{path.name}: {each}" for each in scripts if not Path(ROOT / each).exists()]

    assert not missing


def test_the_readme_lists_the_settings() -> None:
    """The same keys in the same order, no more and no less."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("\n### Settings\n")[2].partition("\n#")[0]
    rows = re.findall(r"^\| `([a-z_]+)` \|", section, flags=re.MULTILINE)

    assert rows == list(KEYS)
