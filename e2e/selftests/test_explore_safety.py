"""scripts/explore.sh: whom its page answers, what it never opens, and what it shares. Test process."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from e2e.selftests.exploring import Exploration, Explore
from e2e.selftests.processes import of
from e2e.selftests.project import Project

MAIN = "toy/main.py"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8001", ""])
def test_a_foreign_host_is_refused(exploration: Exploration, host: str) -> None:
    """A name that was rebound to this machine is no way in."""
    answers = [exploration.get(path, Host=host).status_code for path in ("/", "/api/board", "/api/source/0")]

    assert answers == [400] * 3
    assert exploration.get("/", Host="localhost").status_code == 200
    assert exploration.get("/api/board", Host="localhost:8001").status_code == 200


def test_only_the_page_itself_may_change_anything(explore: Explore) -> None:
    """Another site's form, script or link cannot; neither can a body that is not what it says."""
    exploration = explore()
    fine = {"name": "mine"}
    path = "/api/session"

    assert exploration.post(path, fine, Origin="http://evil.example").status_code == 403
    assert exploration.post(path, fine, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert exploration.post(path, fine, Origin="null").status_code == 403
    assert exploration.post(path, fine, **{"Content-Type": "text/plain"}).status_code == 403
    assert exploration.get(path).status_code == 405
    assert exploration.post(path, fine, Authorization="").status_code == 401
    bodies: list[Any] = [[], {"name": 3}, {}, "x", {"name": "x", "fresh": "yes"}]
    for wrong in bodies:
        assert exploration.post(path, wrong).status_code == 422
    assert exploration.board()["session"] == "session"
    assert exploration.post(path, fine, Origin=exploration.page).json()["session"] == "mine"


@pytest.mark.parametrize(
    "path",
    [
        "/../pyproject.toml",
        "/%2e%2e/pyproject.toml",
        "/api/source/..%2f..%2fpyproject.toml",
        "/api/source/0%00",
        "/api/source/-1",
        "/api/source/999",
        "/static/../page.py",
        "/app.js/../page.py",
        "/api/request/..%2f..%2fx",
        "/etc/passwd",
    ],
)
def test_no_path_of_a_request_is_opened(exploration: Exploration, path: str) -> None:
    """Files are numbers, static ones a fixed list."""
    host, port = exploration.page.removeprefix("http://").split(":")

    headers = f"Host: localhost\r\nAuthorization: Bearer {exploration.token}\r\nConnection: close"
    with socket.create_connection((host, int(port)), timeout=10) as raw:
        raw.sendall(f"GET {path} HTTP/1.1\r\n{headers}\r\n\r\n".encode())
        answer = b"".join(iter(lambda: raw.recv(65536), b""))

    assert b"tool.afterawait" not in answer
    assert b"root:" not in answer
    assert answer.split(b" ")[1] in {b"404", b"400"} or answer.endswith(b"{}")


def test_hostile_source_is_escaped_and_nothing_runs_inline(project: Project, explore: Explore) -> None:
    """A string that is an attack is a string; the policy forbids what escaping might miss."""
    attack = "</span><script>alert(1)</script><img src=x onerror=alert(2)>"
    project.replace("toy/main.py", '"""A service', f'"""{attack} A service')
    exploration = explore()

    response = exploration.get(f"/api/source/{exploration.file(MAIN)['id']}")
    policy = exploration.get("/").headers["content-security-policy"]

    assert "<script" not in "".join(response.json()["lines"])
    assert "&lt;script&gt;" in response.json()["lines"][0]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_second_exploration_is_refused(project: Project, explore: Explore) -> None:
    """Naming the first one's pid; an end-to-end run beside it is none."""
    exploration = explore()

    ended = project.run("--port", "0", "--page-port", "0", module="explore")

    assert ended.status == 4, ended.output
    assert f"pid {exploration.process.pid}" in ended.output
    assert project.run("-k", "thread").status == 0


@pytest.mark.parametrize("option", ["--port", "--page-port"])
def test_a_port_that_is_taken(project: Project, option: str) -> None:
    """Named, at once, and nothing is left running."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        ports = {"--port": "0", "--page-port": "0"} | {option: port}

        ended = project.run(*(part for each in ports.items() for part in each), module="explore")

    assert ended.status == 4, ended.output
    assert f"Port {port} of 127.0.0.1 cannot be used" in ended.output
    assert not of(project.root)
