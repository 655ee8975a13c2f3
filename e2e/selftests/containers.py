"""Containers without a daemon, in real other roots, for the rehearsals of docs/elsewhere.md.

Each "container" is a process in mount, PID and time namespaces of its own, chrooted to a root in which nothing of this
machine's paths is but Python's, as another user; a pod is in a network namespace as well, and its clock is wrong. It
needs root and Linux. In a process of its own, of container_tools.py.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from e2e.selftests import processes
from e2e.selftests.project import ROOT

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
for each in opt/venv/lib/python*/site-packages/*afterawait.pth opt/venv/lib/python*/site-packages/afterawait.start; do
  if [ -e "$each" ]; then mount --bind /dev/null "$each"; fi  # the image installs its own
done
cp -r "$TOOL/afterawait" opt/site/
cp "$TOOL/afterawait/agent/hook.pth" opt/site/afterawait.pth
cp "$TOOL/afterawait/agent/hook.start" opt/site/afterawait.start
printf '%s' "$HOOK" > opt/site/sitecustomize.py
cp -r "$IMAGE/." srv/app/
chown -R "$RUN_AS" srv/app
echo "$MOUNTS" | while IFS=: read -r from to; do
  if [ -n "$to" ]; then mkdir -p ".$to"; mount --bind "$from" ".$to"; fi
done
exec chroot . setpriv --reuid "$RUN_AS" --regid "$RUN_AS" --clear-groups --reset-env sh -c "$START"
"""
HOOK = "import site\n\nsite.addsitedir('/opt/site')\n"
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


@dataclass(frozen=True)
class Wanted:
    """A container as YAML describes it; `mounts` are folders there by folders here."""

    name: str
    command: Sequence[str]
    folder: str
    user: str
    env: Mapping[str, str]
    mounts: Mapping[str, str]
    pod: bool = False


def start(wanted: Wanted) -> Container:
    """Start one of the image in the working folder: all that is in it lies in /srv/app, Afterawait is installed."""
    words = list(wanted.command)
    if (Path(sys.prefix) / "bin" / words[0]).exists() and words[0] != "python":
        words[:1] = ["/opt/venv/bin/python", f"/opt/venv/bin/{words[0]}"]  # a script names the Python of its place
    set_up = {"PATH": "/opt/venv/bin:/usr/bin:/bin", "PYTHONPATH": "/opt/site:/srv/app/src", "HOME": "/srv"}
    assigned = " ".join(f"{key}={shlex.quote(value)}" for key, value in (set_up | dict(wanted.env)).items())
    root = Path.cwd() / f".root-{wanted.name}"
    root.mkdir(exist_ok=True)
    variables = {
        "NEW": str(root),
        "BASE": str(Path(sys.base_prefix).resolve()),
        "VENV": str(Path(sys.prefix).resolve()),
        "TOOL": str(ROOT),
        "IMAGE": str(Path.cwd() / "image"),
        "HOOK": WRONG_CLOCK * wanted.pod + HOOK,
        "RUN_AS": wanted.user,
        "MOUNTS": "\n".join(f"{host}:{there}" for host, there in wanted.mounts.items()),
        "START": f"cd {shlex.quote(wanted.folder)} && exec env -i {assigned} {shlex.join(words)}",
    }
    flags = ["-m", "-p", "-T", "--boottime", "8000000", "--monotonic", "8000000", "-f", *["-n"] * wanted.pod]
    with Path(f"{wanted.name}.log").open("ab") as log:
        parent = subprocess.Popen(
            ["unshare", *flags, "sh", "-c", ROOT_SCRIPT],
            env=os.environ | variables,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        ).pid
    children = Path(f"/proc/{parent}/task/{parent}/children")
    processes.until(lambda: bool(children.read_text().split()), "it has a process 1", PATIENCE)
    pid = int(children.read_text().split()[0])
    if wanted.pod:
        _connect(pid)
    return Container(wanted.name, pid, parent)


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


def listens(address: str, port: int) -> bool:
    """Whether somebody does at that address."""
    with contextlib.suppress(OSError):
        socket.create_connection((address, port), 1).close()
        return True
    return False
