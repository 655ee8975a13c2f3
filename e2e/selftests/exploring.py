"""An exploration of the toy project, started by its real driver. Test process of the selftests."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from e2e.selftests.processes import until
from e2e.selftests.project import Project

ENDING = 20.0  # seconds until a stopped exploration must have ended


class Exploration:
    """A running `scripts/explore.sh`: the application at `app`, the page at `page`; `address` holds its token."""

    def __init__(self, project: Project, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        self.project = project
        self.output = ""
        given = ("--port", "0", "--page-port", "0", *arguments)
        self.process: subprocess.Popen[str] = project.start(*given, module="explore", env=env)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        until(lambda: bool(self._url("coverage")) or self.process.poll() is not None, "the page's address")
        assert self.process.poll() is None, self.output
        self.address = self._url("coverage")
        self.page, _, self.token = self.address.partition("/#token=")
        self.headers = {"Authorization": f"Bearer {self.token}"}
        self.app = self._url("app").removesuffix("/docs")

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line

    def _url(self, topic: str) -> str:
        found = re.search(rf"^{topic} +(http://[^ ]*) ", self.output, flags=re.MULTILINE)
        return found[1] if found else ""

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask the page's server."""
        return httpx.get(f"{self.page}{path}", headers=self.headers | headers, timeout=10)

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Tell the page's server."""
        return httpx.post(f"{self.page}{path}", json=body, headers=self.headers | headers, timeout=10)

    def board(self) -> dict[str, Any]:
        """All that the page shows at first."""
        told: dict[str, Any] = self.get("/api/board").json()
        return told

    def file(self, name: str) -> dict[str, Any]:
        """A file's summary, by the end of its name."""
        [found] = [file for file in self.board()["files"] if file["name"].endswith(name)]
        return dict(found)

    def states(self, name: str) -> dict[int, int]:
        """The state of each line of a file."""
        told = self.get(f"/api/source/{self.file(name)['id']}").json()
        return {int(line): state for line, state in told["states"].items()}

    def use(self, path: str, **headers: str) -> httpx.Response:
        """A request of the person's to the application."""
        return httpx.get(f"{self.app}{path}", headers=headers, timeout=10)

    def settle(self, requests: int) -> None:
        """Wait until the page has seen the ends of so many requests, and nothing changes any more."""
        before: dict[str, Any] = {}

        def settled() -> bool:
            nonlocal before
            before, now = self.board(), before
            seen = before["requests"]
            return before == now and len(seen) >= requests and all(each["status"] for each in seen)

        until(settled, f"{requests} requests")

    def stop(self) -> str:
        """Ctrl-C; returns all that was printed."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(ENDING)
        self._reader.join(ENDING)
        return self.output


Explore = Callable[..., Exploration]
