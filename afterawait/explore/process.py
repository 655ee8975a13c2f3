"""The page's process: started, waited for, stopped. Driver's process, or the benchmark's."""

from __future__ import annotations

import contextlib
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from afterawait.faults import EnvironmentFault
from afterawait.processes.polling import Expired, wait_until
from afterawait.services.ports import bind

PATIENCE = 4.0  # seconds that the page gets to save and end
SCHEME = "Bearer"
START = 20.0  # seconds


@dataclass(frozen=True)
class PageProcess:
    """A running page, at `url`, for whoever knows `token`."""

    url: str
    token: str
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        """What a person opens: browsers send no fragment, the page's script reads it."""
        return f"{self.url}/#token={self.token}"

    @property
    def headers(self) -> dict[str, str]:
        """What a program sends with each request."""
        return {"Authorization": f"{SCHEME} {self.token}"}


@contextlib.contextmanager
def running(root: Path, state: Path, session: str, source: Sequence[str], port: int) -> Iterator[PageProcess]:
    """The page over the run in `state`, until the block ends. Raises EnvironmentFault where it cannot be started."""
    with bind(port) as sock:
        url = "http://{}:{}".format(*sock.getsockname())
        words = [sys.executable, "-m", "afterawait.explore", "--fd", str(sock.fileno()), "--session", session]
        words += ["--root", str(root), "--state", str(state), *(f"--source={folder}" for folder in source)]
        process = subprocess.Popen(
            words, stdin=subprocess.PIPE, pass_fds=(sock.fileno(),), start_new_session=True, cwd=root
        )
    page = PageProcess(url, secrets.token_urlsafe(), process)
    try:
        if process.stdin is not None:
            process.stdin.write(page.token.encode() + b"\n")
            process.stdin.flush()
        _wait_for(page)
        yield page
    finally:
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(page: PageProcess) -> None:
    """Until it answers: the session's name must stand before the first request comes."""

    def answers() -> bool:
        if page.process.poll() is not None:
            raise EnvironmentFault("The page did not start.", hint="Read what it printed above.")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", int(page.url.rpartition(":")[2]))) == 0

    try:
        wait_until(answers, seconds=START)
    except Expired:
        raise EnvironmentFault(f"The page did not start within {START:g} s.", hint="Run again.") from None
