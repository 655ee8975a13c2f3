"""What stands in for docker and kubectl in the rehearsals of docs/elsewhere.md: it does what the page's YAML says.

    python -m e2e.selftests.container_tools docker compose up -d --wait

In the working folder are the YAML, the image, and the list of what runs. A process of its own; selftests import it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from e2e.selftests import processes
from e2e.selftests.containers import ADDRESSES, PATIENCE, Container, Wanted, listens, start

STATE = "containers.json"


def _known() -> dict[str, Container]:
    try:
        known = json.loads(Path(STATE).read_text())
    except FileNotFoundError:
        return {}
    return {name: Container(name, pid, parent) for name, (pid, parent) in known.items()}


def _remember(container: Container) -> None:
    known = _known() | {container.name: container}
    Path(STATE).write_text(json.dumps({name: (each.pid, each.parent) for name, each in known.items()}))


def remove_all() -> None:
    """Kill whatever runs of this working folder's, and its network."""
    for each in _known().values():
        each.stop(0)
    subprocess.run(["ip", "link", "del", "aw-pod"], check=False, capture_output=True)


def docker(words: Sequence[str]) -> None:
    """`docker compose up -d --wait`, `docker compose stop SERVICE`, `docker compose kill SERVICE`."""
    _, verb, *names = [each for each in words if not each.startswith("-")]
    services: dict[str, Any] = yaml.safe_load(Path("compose.yaml").read_text())["services"]
    for name in names or services:
        service = services[name]
        if verb == "up":
            mounts = [each.split(":")[:2] for each in service["volumes"]]
            wanted = Wanted(
                name,
                command=shlex.split(service["command"]),
                folder=service["working_dir"],
                user=str(service["user"]),
                env={key: str(value) for key, value in service["environment"].items()},
                mounts={str(Path(host).resolve()): there for host, there in mounts},
            )
            _remember(start(wanted))
            address, port, _ = service["ports"][0].split(":")
            processes.until(partial(listens, address, int(port)), "it listens", PATIENCE)
        elif verb == "kill":
            _known()[name].stop(0)
        else:
            _known()[name].stop(float(service["stop_grace_period"].removesuffix("s")))


def kubectl(words: Sequence[str]) -> None:
    """What the page shows of it: apply, wait, port-forward, exec, cp."""
    verb, rest = words[0], words[1:]
    volume = Path.cwd() / "a volume of the pod"
    if verb == "apply":
        pod = yaml.safe_load(Path(rest[rest.index("-f") + 1]).read_text())["spec"]
        volume.mkdir(mode=0o777)
        volume.chmod(0o777)  # as an emptyDir is
        of = next(each for each in pod["containers"] if each["name"] == "app")
        [mount] = of["volumeMounts"]
        env = {each["name"]: each.get("value", os.environ["AFTERAWAIT_KEY"]) for each in of["env"]}
        user = str(of["securityContext"]["runAsUser"])
        mounts = {str(volume): mount["mountPath"]}
        _remember(start(Wanted("app", of["command"], of["workingDir"], user, env, mounts, pod=True)))
    elif verb == "wait":
        app = _known()["app"]
        ready = "condition=Ready" in rest[0]
        processes.until(lambda: _serves() if ready else app.ended(), rest[0], PATIENCE)
    elif verb == "port-forward":
        _forward(int(rest[-1].split(":")[0]), (ADDRESSES[1], int(rest[-1].split(":")[1])))
    elif verb == "exec":
        _known()["app"].signal(signal.SIGTERM)
    elif verb == "cp":
        subprocess.run(["cp", "-r", f"{volume}/.", rest[-1]], check=True)
        for path in Path(rest[-1]).rglob("*"):
            os.utime(path, (0, 0))  # tar keeps the times of the other clock


def _serves() -> bool:
    """As a probe for readiness would find: gunicorn listens before it has workers, and tests wait 5 s for an answer."""
    return listens(ADDRESSES[1], 8080) and "Application startup complete" in Path("app.log").read_text()


def _forward(port: int, to: tuple[str, int]) -> None:
    """Until it is killed."""

    def pump(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    with socket.create_server(("127.0.0.1", port)) as listening:
        while True:
            one = listening.accept()[0]
            other = socket.create_connection(to)
            for pair in ((one, other), (other, one)):
                threading.Thread(target=pump, args=pair, daemon=True).start()


if __name__ == "__main__":
    {"docker": docker, "kubectl": kubectl}[sys.argv[1]](sys.argv[2:])
