"""What a reaper runs ends with it, and with the test process, by the kernel's help or without. Test process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from afterawait.processes import reaper
from afterawait.processes.polling import wait_until
from afterawait.processes.reaper_client import ReaperClient

PATIENCE = 30.0
SLEEP = 'echo $$ > "$1/pid.new"; mv "$1/pid.new" "$1/pid"; exec sleep 600'

WITHOUT_PRCTL = f"""\
import runpy, sys
sys.platform = "darwin"
runpy.run_path({reaper.__file__!r}, run_name="__main__")
"""


@pytest.fixture(params=["the kernel", "a stand-in"])
def client(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ReaperClient]:
    """A reaper that can ask the kernel to stop what it runs, or one that cannot, as on macOS."""
    if request.param == "a stand-in":
        script = tmp_path / "elsewhere.py"
        script.write_text(WITHOUT_PRCTL, encoding="utf-8")
        monkeypatch.setattr(reaper, "__file__", str(script))
    elif sys.platform != "linux":
        pytest.skip("Linux alone has PR_SET_PDEATHSIG")
    made = ReaperClient(tmp_path / "reaped-folder", None)
    yield made
    made.close()


def started(client: ReaperClient) -> int:
    """The pid of a shell that the reaper has started, and that is well on its way."""
    client.start(["/bin/sh", "-c", SLEEP, "sh", str(client.path)])
    noted = client.path / "pid"
    wait_until(noted.is_file, seconds=PATIENCE)
    return int(noted.read_text())


def gone(pid: int) -> bool:
    """Whether a process has ended, reaped by its parent or not."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_what_a_killed_reaper_ran_ends(client: ReaperClient) -> None:
    """kill -9 of the reaper, which can do nothing any more."""
    child = started(client)

    client._process.kill()

    wait_until(lambda: gone(child), seconds=PATIENCE)


def test_a_command_that_has_ended_leaves_no_process(client: ReaperClient) -> None:
    """One after another: neither a child nor who stood in for the reaper is left."""
    codes = [client.run(["/bin/sh", "-c", f"exit {code}"], timeout=PATIENCE) for code in (0, 3, 0)]

    assert codes == [0, 3, 0]
    assert psutil.Process(client._process.pid).children(recursive=True) == []


def test_the_end_of_the_test_process_ends_all(tmp_path: Path) -> None:
    """kill -9 of it: reaper, child and folder are gone."""
    folder = tmp_path / "reaped-folder"
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom afterawait.processes.reaper_client import ReaperClient\n"
        "client = ReaperClient(Path(sys.argv[1]), None)\n"
        "client.start(['/bin/sh', '-c', sys.argv[2], 'sh', sys.argv[1]])\n"
        "time.sleep(600)\n"
    )
    driver = subprocess.Popen([sys.executable, "-c", program, str(folder), SLEEP])
    noted = folder / "pid"
    wait_until(noted.is_file, seconds=PATIENCE)
    child = int(noted.read_text())

    os.kill(driver.pid, signal.SIGKILL)
    driver.wait()

    wait_until(lambda: gone(child) and not folder.exists(), seconds=PATIENCE)
