"""A server in another root, that no run starts: docs/elsewhere.md to the letter, with stand-ins for daemons."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from coverage import CoverageData

from e2e.selftests import container_tools, containers
from e2e.selftests.project import ROOT, Ended, Project, environment
from e2e.selftests.toy_projects import report

PAGE = (ROOT / "docs/elsewhere.md").read_text(encoding="utf-8")
IMPOSSIBLE = containers.why_impossible()
TIMEOUT = 120

pytestmark = [
    pytest.mark.skipif(bool(IMPOSSIBLE), reason=f"no other root can be had: {IMPOSSIBLE}"),
    pytest.mark.timeout(300),
]


def block(section: str, number: int) -> str:
    """A code block of the page's, counted from 0 in its section."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    found: list[str] = re.findall(r"^```\w+\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return found[number]


class Rehearsal:
    """A project, its image, and a shell in which docker and kubectl are stand-ins."""

    def __init__(self, root: Path) -> None:
        self.project = Project(root, "elsewhere")
        self.root = root
        shutil.copytree(root / "src", root / "image/src")
        (root / "image/src/shop/unknown_here.py").write_text("never = 'imported'\n")
        self.port = _free_port()
        for tool in ("docker", "kubectl"):
            stand_in = (
                f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m e2e.selftests.container_tools {tool} "$@"\n'
            )
            (root / "bin").mkdir(exist_ok=True)
            (root / "bin" / tool).write_text(stand_in)
            (root / "bin" / tool).chmod(0o755)
        for name, called in (("afterawait", "-m afterawait"), ("python", "")):
            (root / "bin" / name).write_text(f'#!/bin/sh\nexec {sys.executable} {called} "$@"\n')
            (root / "bin" / name).chmod(0o755)

    def write(self, name: str, text: str) -> None:
        """A file of the page's, with a port that is free here."""
        (self.root / name).write_text(text.replace("127.0.0.1:8080", f"127.0.0.1:{self.port}"))

    def shell(self, script: str, env: Mapping[str, str] | None = None) -> Ended:
        """Run commands of the page's."""
        script = script.replace("127.0.0.1:8080", f"127.0.0.1:{self.port}").replace(" 8080:", f" {self.port}:")
        path = {"PATH": f"{self.root / 'bin'}{os.pathsep}{os.environ['PATH']}"}
        said = self.root / "said"  # no pipe: what the script leaves in the background would hold it open
        with said.open("w") as output:
            shell = subprocess.Popen(
                ["sh", "-ec", script],
                cwd=self.root,
                env=environment(path | dict(env or {})),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                process_group=0,
            )
        try:
            return Ended(shell.wait(TIMEOUT), said.read_text())
        finally:
            with suppress(ProcessLookupError):
                os.killpg(shell.pid, signal.SIGKILL)


@contextmanager
def rehearsal(root: Path) -> Iterator[Rehearsal]:
    """One whose containers are gone at the end."""
    made = Rehearsal(root)
    try:
        yield made
    finally:
        with chdir(root):
            container_tools.remove_all()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def reported(project: Project) -> dict[str, tuple[list[int], list[int], float]]:
    """By file: lines that ran and did not, and its percentage."""
    return {
        name: (each["executed_lines"], each["missing_lines"], each["summary"]["percent_covered"])
        for name, each in report(project).items()
    }


def who_ran_what(project: Project) -> set[tuple[str, int, str]]:
    """Each line with each test that ran it.

    Whether what ran beside them ran before the first request or after it depends on which worker serves it.
    """
    with closing(CoverageData(basename=str(project.root / ".afterawait/latest/.coverage"))) as data:
        data.read()
        return {
            (os.path.relpath(name, project.root), line, test)
            for name in data.measured_files()
            for line, tests in data.contexts_by_lineno(name).items()
            for test in tests
            if test.startswith("tests/")
        }


@pytest.fixture(scope="module")
def unsplit(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The same project after a run that starts the server itself."""
    project = Project(tmp_path_factory.mktemp("unsplit") / "shop", "elsewhere")
    assert project.run().status == 0, project.ended.output
    return project


@pytest.mark.lowest
def test_docker_compose_as_the_page_shows_it(unsplit: Project, tmp_path: Path) -> None:
    """Another root, path, user, process 1: the report is the unsplit run's to the line, and so is who ran what."""
    with rehearsal(tmp_path / "shop") as here:
        # Its port is published on the loopback: the stand-in has no network of its own, and listens there itself.
        here.write("compose.yaml", block("Docker Compose", 0).replace("0.0.0.0:8080", "127.0.0.1:8080"))

        ended = here.shell(block("Docker Compose", 1).replace("afterawait run", "afterawait run -n 2"))

        assert ended.status == 0, ended.output + (here.root / "app.log").read_text()
        assert "agree on" in ended.output
        assert "the gate is passed" in ended.output
        assert reported(here.project) == reported(unsplit)
        assert who_ran_what(here.project) == who_ran_what(unsplit)
        assert "src/shop/generated.py" not in reported(here.project), "left out by settings that the image has not"
        [delivered] = (here.root / "drop").glob("measured-*")
        assert {each.stat().st_uid for each in delivered.iterdir()} == {10001}
        [first] = delivered.glob("process-1-*.json")
        assert "/srv/app" in first.read_text()
        again = here.project.run(".afterawait/runs", module="combine")
        assert again.status == 0, again.output
        assert who_ran_what(here.project) == who_ran_what(unsplit)


@pytest.mark.lowest
def test_kubernetes_as_the_page_shows_it(unsplit: Project, tmp_path: Path) -> None:
    """Another network, a clock of years ago, a folder that comes as a copy at the end: the same report."""
    with rehearsal(tmp_path / "shop") as here:
        here.write("pod.yaml", block("Kubernetes", 0))
        here.write("collect.sh", block("Kubernetes", 1))

        ended = here.shell(block("Kubernetes", 2))

        assert ended.status == 0, ended.output + (here.root / "app.log").read_text()
        assert "the gate is passed" in ended.output
        assert reported(here.project) == reported(unsplit)
        assert who_ran_what(here.project) == who_ran_what(unsplit)
        [record] = here.project.run_folder.glob("collected/*/process-1-*.json")
        began = datetime.fromtimestamp(json.loads(record.read_text())["began"], UTC)
        assert datetime.now(UTC) - began > timedelta(days=3000)
        assert os.environ.get("AFTERAWAIT_KEY") is None
        assert not re.search(r"\b[0-9a-f]{16}\b", ended.output), "the key is not printed"


@pytest.mark.full
def test_replicas_share_a_folder_and_one_that_is_killed_is_told_apart(tmp_path: Path) -> None:
    """In each, the processes have the same pids. What the killed one ran is known by the witness."""
    with rehearsal(tmp_path / "shop") as here:
        service = yaml.safe_load(block("Docker Compose", 0).replace("0.0.0.0:8080", "127.0.0.1:8080"))
        text = json.dumps(service["services"]["app"])
        other = text.replace("127.0.0.1:8080", f"127.0.0.1:{_free_port()}")
        service["services"]["replica"] = json.loads(other)
        here.write("compose.yaml", yaml.safe_dump(service))
        stop = "sh -c 'docker compose stop replica; docker compose kill app'"
        script = block("Docker Compose", 1).replace('"docker compose stop app"', f'"{stop}"')

        ended = here.shell(script.replace("--stop", "--collect-timeout 2 --stop"))

        assert ended.status == 3, ended.output
        killed = re.findall(r"The worker process \d+ of (measured-\w+) was killed", ended.output)
        delivered = {each.name for each in (here.root / "drop").glob("measured-*")}
        assert len(delivered) == 2
        assert len(killed) == 2, ended.output
        assert len(set(killed)) == 1
        assert set(killed) < delivered
        assert report(here.project)["src/shop/main.py"]["summary"]["percent_covered"] < 100, "the replica served nobody"
        lost = json.loads((here.project.run_folder / "killed.json").read_text())["files"]
        assert any(name.endswith("src/shop/main.py") and each["only here"] for name, each in lost.items())
