"""The agent alone: an environment with nothing but it and coverage.py."""

from __future__ import annotations

import shutil
import subprocess
import urllib.request
from pathlib import Path

import pytest

from afterawait import protocol
from afterawait.agent import record
from afterawait.evidence import data_files, recordings
from e2e.selftests import installed

pytestmark = pytest.mark.timeout(installed.TIMEOUT)

TOY = Path(__file__).with_name("toys") / "bare"
COVERAGERC = "[run]\nsource = {source}\nbranch = true\nconcurrency = thread\nparallel = true\n"


def test_the_agent_alone_measures_a_server(alone: installed.Environment, tmp_path: Path) -> None:
    """A data file, a record, a witness file, and the same lines in both files; no package but coverage.py is there."""
    source = tmp_path / "a service"
    shutil.copytree(TOY, source, ignore=shutil.ignore_patterns("__*"))
    (tmp_path / "run").mkdir()
    (tmp_path / "coveragerc").write_text(COVERAGERC.format(source=source))
    asked = {
        protocol.RUN: str(tmp_path / "run"),
        protocol.SOURCE: str(source),
        protocol.COVERAGE_START: str(tmp_path / "coveragerc"),
        protocol.COVERAGE_FILE: str(tmp_path / "run" / protocol.DATA_FILE),
    }

    with subprocess.Popen(
        [alone.python, source / "server.py"],
        env=installed.environ() | asked,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        said = [urllib.request.urlopen(f"{url}/{path}", timeout=30).read() for path in ("", "thread")]  # noqa: S310
        server.stdin.close()
        status = server.wait(timeout=30)

    assert (said, status) == ([b"at once", b"from a thread"], 0)
    assert {path.name.split("-")[0] for path in alone.packages.glob("*.dist-info")} == {"afterawait", "coverage"}
    [left] = [record.read(path) for path in (tmp_path / "run").glob(protocol.RECORDS)]
    assert (left.error, left.witness, left.ended) == ("", "on", True)
    [measured], faults = data_files.data_files(tmp_path / "run", tmp_path)
    [witness] = [recordings.read(path) for path in (tmp_path / "run").glob(protocol.WITNESS_FILES)]
    assert not faults
    assert {name: lines - {0} for name, lines in measured.lines.items()} == witness.lines
    assert set(witness.lines) == {str(source / "server.py"), str(source / "service.py")}
