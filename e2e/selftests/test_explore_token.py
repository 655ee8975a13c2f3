"""Who may see the live page's data, what a body may be, and who may read what a session leaves. Test process."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from e2e.selftests.exploring import Exploration, Explore
from e2e.selftests.processes import of

DATA = ["/api/board", "/api/events", "/api/source/0", "/api/request/x", "/api/compare?with=", "/api/session", "/x"]


def test_data_are_for_holders_of_the_token_alone(exploration: Exploration) -> None:
    """The empty page is anybody's; all else asks for the header, and says where the token is to be had."""
    token = exploration.token
    wrong = ["", "Bearer", f"Bearer {token}x", f"Bearer {token[:-1]}", f"Basic {token}", token, "Bearer \xfc"]

    for path in ("/", "/app.css", "/app.js", "/favicon.ico"):
        assert httpx.get(exploration.page + path).status_code in {200, 204}
    for authorization in wrong:
        headers = [(b"authorization", authorization.encode("latin-1"))]
        answers = [httpx.get(exploration.page + path, headers=headers, timeout=10) for path in DATA]
        assert {answer.status_code for answer in answers} == {401}, authorization
        assert {"open the address that `afterawait explore` printed" in answer.text for answer in answers} == {True}
    refused = httpx.get(f"{exploration.page}/api/board?token={token}", cookies={"token": token})
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert httpx.head(f"{exploration.page}/api/board").status_code == 401
    assert httpx.post(f"{exploration.page}/", json={}).status_code == 401

    assert exploration.get("/api/board").status_code == 200
    assert "set-cookie" not in exploration.get("/").headers


def test_the_token_is_another_one_each_time_and_in_no_list_of_processes(explore: Explore) -> None:
    """What `ps` shows to others holds it not."""
    first = explore()
    for each in of(first.project.root):
        assert first.token not in " ".join([*each.cmdline(), *each.environ().values()])
    assert psutil.pid_exists(first.process.pid)
    first.stop()

    assert len(first.token) >= 32
    assert explore().token != first.token


def pieces(size: int) -> Iterator[bytes]:
    """A body whose length nobody says beforehand."""
    yield from (b" " * 1024 for _ in range(size // 1024))


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        pytest.param(b"", 400, "This is no JSON", id="nothing"),
        pytest.param(b"{", 400, "This is no JSON", id="cut off"),
        pytest.param(b'{"name": "\xff"}', 400, "This is no JSON", id="not UTF-8"),
        pytest.param(b"[" * 17 + b"]" * 17, 400, "nested 16 deep", id="deep"),
        pytest.param(b"[" * 60_000, 400, "nested 16 deep", id="deeper than any parser"),
        pytest.param(b'{"a":' * 13_000, 400, "nested 16 deep", id="deep objects"),
        pytest.param(b"1" * 60_000, 400, "This is no JSON", id="a number beyond measure"),
        pytest.param(b" " * 64 * 1024 + b"{}", 413, "64 KiB", id="large"),
        pytest.param(10 * 1024 * 1024, 413, "64 KiB", id="large, in pieces"),
        pytest.param(b'{"name": 3}', 422, '"name": "..."', id="no name"),
    ],
)
def test_a_body_that_is_wrong_is_answered_by_a_sentence(
    exploration: Exploration, body: bytes | int, status: int, sentence: str
) -> None:
    """Never by a traceback, and the page goes on."""
    content = pieces(body) if isinstance(body, int) else body
    headers = exploration.headers | {"Content-Type": "application/json"}

    answer = httpx.post(f"{exploration.page}/api/session", content=content, headers=headers, timeout=10)

    assert answer.status_code == status
    assert sentence in answer.json()["error"]
    fine = {"name": "[[[" * 100 + '\\"{'}
    assert exploration.post("/api/session", fine).status_code == 200, "what stands in a string is not nested"
    assert "Traceback" not in exploration.output


def test_a_persons_session_is_nobody_elses_to_read(explore: Explore) -> None:
    """Folders are 0700, and each file that explore writes is 0600, also where an earlier version left them open."""
    exploration = explore("--session", "mine")
    state = exploration.project.root / ".afterawait"
    exploration.use("/count")
    exploration.settle(1)
    exploration.stop()
    (state / "sessions/mine.json").chmod(0o644)
    for folder in (state / "sessions", state / "explore"):
        folder.chmod(0o755)

    again = explore("--session", "mine")
    again.use("/thread")
    again.settle(1)
    again.stop()

    assert {mode(state / folder) for folder in ("sessions", "explore")} == {0o700}
    written = [state / "sessions/mine.json", state / "explore/status.json", state / "explore/reached.json"]
    written += [state / "explore/run/session", *(state / "explore/run").glob("witness-*.bin")]
    written += [state / "explore/run/keys.json"]
    assert len(written) >= 6
    assert {path.name: oct(mode(path)) for path in written if mode(path) != 0o600} == {}


def mode(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)
