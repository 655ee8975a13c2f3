"""What stands in for docker and kubectl in the rehearsals of docs/elsewhere.md: no daemon, and real other roots.

    python -m e2e.selftests.containers docker compose up -d --wait

Each "container" is a process in mount, PID and time namespaces of its own, chrooted to a root in which nothing of this
machine's paths is but Python's, as another user; a pod is in a network namespace as well, and its clock is wrong. What
it is, the very YAML of the page says, in the working folder. Needs root and Linux. Test process of the selftests.
"""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from e2e.selftests import processes
from e2e.selftests.project import ROOT

STATE = "containers.json"
PATIENCE = 30.0
ADDRESSES = ("10.213.77.1", "10.213.77.2")
YEARS = 9 * 365 * 86400
ROOT_SCRIPT = """
set -e
mount -t tmpfs tmpfs "$NEW"
cd "$NEW"
mkdir -p opt/site proc tmp srv/app dev ".$BASE" opt/venv
chmod 1777 tmp; chmod 755 . opt srv
for each in /usr /bin /sbin /lib /lib32 /lib64 /etc; do
  if [ -L $each ]; then cp -a $each .$each; elif [ -d $each ]; then mkdir -p .$each; mount --bind $each .$each; fi
done
mount --rbind /dev dev
mount -t proc proc proc
mount --bind "$BASE" ".$BASE"
mount --bind "$VENV" opt/venv
cp -r "$TOOL/afterawait" opt/site/
printf '%s' "$HOOK" > opt/site/sitecustomize.py
cp -r "$IMAGE/." srv/app/
chown -R "$RUN_AS" srv/app
echo "$MOUNTS" | while IFS=: read -r from to; do
  if [ -n "$to" ]; then mkdir -p ".$to"; mount --bind "$from" ".$to"; fi
done
exec chroot . setpriv --reuid "$RUN_AS" --regid "$RUN_AS" --clear-groups --reset-env sh -c "$START"
"""
HOOK = "from afterawait.agent import hook\n\nhook.start()\n"
WRONG_CLOCK = f"import time\n\nnow = time.time\ntime.time = lambda: now() - {YEARS}\n"


def why_impossible() -> str:
    """Why no other root can be had here; "" where it can."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "other roots need Linux, and root"
    needed = ["unshare", "chroot", "setpriv", "ip", "nsenter", "mount"]
    if missing := [each for each in needed if shutil.which(each) is None]:
        return f"there is no {', '.join(missing)} here"
    tried = subprocess.run(
        ["unshare", "-m", "-p", "-n", "-T", "-f", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
        capture_output=True,
        text=True,
        check=False,
    )
    return tried.stderr.strip()


class Container:
    """One that runs. `pid` is this machine's for its process 1."""

    def __init__(self, name: str, pid: int, parent: int) -> None:
        self.name, self.pid, self.parent = name, pid, parent

    def signal(self, number: int) -> None:
        """Send a signal to its process 1."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def ended(self) -> bool:
        """Whether its process 1 has."""
        return not Path(f"/proc/{self.pid}").exists() or "State:\tZ" in Path(f"/proc/{self.pid}/status").read_text()

    def stop(self, seconds: float) -> None:
        """SIGTERM, and SIGKILL to what is left."""
        self.signal(signal.SIGTERM)
        with contextlib.suppress(AssertionError):
            processes.until(self.ended, "it ends", seconds)
        self.signal(signal.SIGKILL)
        processes.until(self.ended, "it is gone", PATIENCE)


def start(
    name: str,
    *,
    command: Sequence[str],
    folder: str,
    user: str,
    env: Mapping[str, str],
    mounts: Mapping[str, str],
    pod: bool = False,
) -> Container:
    """Start one of the image in the working folder: all that is in it lies in /srv/app, Afterawait is installed."""
    words = list(command)
    if (Path(sys.prefix) / "bin" / words[0]).exists() and words[0] != "python":
        words[:1] = ["/opt/venv/bin/python", f"/opt/venv/bin/{words[0]}"]  # a script names the Python of its place
    set_up = {"PATH": "/opt/venv/bin:/usr/bin:/bin", "PYTHONPATH": "/opt/site:/srv/app/src", "HOME": "/tmp", **env}
    assigned = " ".join(f"{key}={shlex.quote(value)}" for key, value in set_up.items())
    log = Path(f"{name}.log").open("ab")
    log_of = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
    root = Path.cwd() / f".root-{name}"
    root.mkdir(exist_ok=True)
    variables = {
        "NEW": str(root),
        "BASE": str(Path(sys.base_prefix).resolve()),
        "VENV": str(Path(sys.prefix).resolve()),
        "TOOL": str(ROOT),
        "IMAGE": str(Path.cwd() / "image"),
        "HOOK": WRONG_CLOCK * pod + HOOK,
        "RUN_AS": user,
        "MOUNTS": "\n".join(f"{host}:{there}" for host, there in mounts.items()),
        "START": f"cd {shlex.quote(folder)} && exec env -i {assigned} {shlex.join(words)}",
    }
    flags = ["-m", "-p", "-T", "--boottime", "8000000", "--monotonic", "8000000", "-f", *["-n"] * pod]
    parent = subprocess.Popen(
        ["unshare", *flags, "sh", "-c", ROOT_SCRIPT],
        env=os.environ | variables,
        start_new_session=True,
        **log_of,  # type: ignore[call-overload]
    ).pid
    children = Path(f"/proc/{parent}/task/{parent}/children")
    processes.until(lambda: children.read_text().split(), "it has a process 1", PATIENCE)
    pid = int(children.read_text().split()[0])
    if pod:
        _connect(pid)
    return Container(name, pid, parent)


def _connect(pid: int) -> None:
    """A network of its own, of which only one address is reached from here."""
    ours, theirs = ADDRESSES
    inside = ["nsenter", "-t", str(pid), "-n"]
    for words in (
        ["ip", "link", "add", "aw-pod", "type", "veth", "peer", "name", "eth0", "netns", str(pid)],
        ["ip", "addr", "add", f"{ours}/30", "dev", "aw-pod"],
        ["ip", "link", "set", "aw-pod", "up"],
        [*inside, "ip", "addr", "add", f"{theirs}/30", "dev", "eth0"],
        [*inside, "ip", "link", "set", "eth0", "up"],
        [*inside, "ip", "link", "set", "lo", "up"],
    ):
        subprocess.run(words, check=True, capture_output=True)


def _listens(address: str, port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection((address, port), 1).close()
        return True
    return False


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
            mounts = dict(reversed(each.split(":")[:2]) for each in service["volumes"])
            _remember(
                start(
                    name,
                    command=shlex.split(service["command"]),
                    folder=service["working_dir"],
                    user=str(service["user"]),
                    env={key: str(value) for key, value in service["environment"].items()},
                    mounts={str(Path(host).resolve()): there for there, host in mounts.items()},
                )
            )
            address, port, _ = service["ports"][0].split(":")
            processes.until(lambda address=address, port=port: _listens(address, int(port)), "it listens", PATIENCE)
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
        volume.chmod(0o777)  # noqa: S103  # as an emptyDir is
        of = next(each for each in pod["containers"] if each["name"] == "app")
        [mount] = of["volumeMounts"]
        env = {each["name"]: each.get("value", os.environ["AFTERAWAIT_KEY"]) for each in of["env"]}
        user = str(of["securityContext"]["runAsUser"])
        mounts = {str(volume): mount["mountPath"]}
        _remember(
            start("app", command=of["command"], folder=of["workingDir"], user=user, env=env, mounts=mounts, pod=True)
        )
    elif verb == "wait":
        app = _known()["app"]
        ready = "condition=Ready" in rest[0]
        processes.until(lambda: _listens(ADDRESSES[1], 8080) if ready else app.ended(), rest[0], PATIENCE)
    elif verb == "port-forward":
        _forward(int(rest[-1].split(":")[0]), (ADDRESSES[1], int(rest[-1].split(":")[1])))
    elif verb == "exec":
        _known()["app"].signal(signal.SIGTERM)
    elif verb == "cp":
        subprocess.run(["cp", "-r", f"{volume}/.", rest[-1]], check=True)
        for path in Path(rest[-1]).rglob("*"):
            os.utime(path, (0, 0))  # tar keeps the times of the other clock


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
