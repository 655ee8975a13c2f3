"""Runs commands in a folder of its own until the test process is gone, however it went. A process of its own.

`python -I -S reaper.py FOLDER PARENT [UID GID]`, standard library only. The reaper exists before what it is to stop:

    reaper   makes FOLDER, claims it, writes "ready"
    stdin    a command, a JSON list on a line: runs it, its output going to FOLDER/log, and writes its exit status
    stdin    end of file: the test process is gone, kill -9 included: stops what runs, removes FOLDER, ends

The test process starts it in a session of its own, so that a Ctrl-C reaches the tests and the server they stop in
order, and not what both still need. SIGTERM, SIGINT and SIGHUP sent to the reaper itself mean: stop. Should it be
killed, the kernel stops what it runs (Linux), or a stand-in does; the next reaper removes the folder.
"""
# ruff: noqa: PTH102, PTH112, PTH116, PTH118 - each module imported here is time before PostgreSQL starts

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import resource
import select
import shutil
import signal
import sys
import time
from collections.abc import Callable

LOG = "log"
CLAIM = "claim"
STOP_SIGNAL = signal.SIGQUIT  # PostgreSQL: stop now, without a checkpoint; the data are thrown away anyway
GRACE = 8.0  # seconds; PostgreSQL itself kills what ignores an immediate shutdown after 5
SET_PDEATHSIG = 1  # of Linux's prctl
YOUNG = 60.0  # seconds during which an unclaimed folder may still be in the making


def claim(folder: str) -> int:
    """Show that `folder` is in use for as long as this process lives and keeps the returned file descriptor open."""
    claimed = os.open(os.path.join(folder, CLAIM), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(claimed, fcntl.LOCK_EX)
    return claimed


def sweep(parent: str, prefix: str) -> None:
    """Remove the folders in `parent` that nobody claims any more: those of runs whose reaper was killed as well."""
    for entry in os.scandir(parent):
        if entry.name.startswith(prefix) and entry.is_dir(follow_symlinks=False):
            with contextlib.suppress(OSError):  # somebody else's, or swept by somebody else
                _remove_unclaimed(entry.path)


def _remove_unclaimed(folder: str) -> None:
    if time.time() - os.stat(folder).st_mtime < YOUNG:
        return
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(FileNotFoundError):
            claimed = os.open(os.path.join(folder, CLAIM), os.O_RDWR | os.O_NOFOLLOW)
            stack.callback(os.close, claimed)
            fcntl.flock(claimed, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)


def _die_with_parent() -> Callable[[], object] | None:
    """What a child calls, after its change of user (which would clear it), to end should the reaper be killed."""
    with contextlib.suppress(ImportError):  # of a Python built without libffi
        if sys.platform == "linux":
            import ctypes  # here: after the change of user this interpreter's files may be unreadable

            prctl = ctypes.CDLL(None).prctl
            return lambda: prctl(SET_PDEATHSIG, int(STOP_SIGNAL), 0, 0, 0)
    return None  # a StandIn does it


class StandIn:
    """A process that stops `child` should the reaper be killed: it waits at a pipe that the reaper holds open."""

    def __init__(self, child: int) -> None:
        reading, self._held = os.pipe()
        self._pid = os.fork()
        if self._pid:
            os.close(reading)
            return
        try:
            os.setpgid(0, 0)
            signal.set_wakeup_fd(-1)
            os.close(self._held)
            for each in (0, 1):  # the test process takes their end for the reaper's
                os.dup2(reading, each)
            if not os.read(reading, 1):
                _stop_orphan(child)
        finally:
            os._exit(0)

    def dismiss(self) -> None:
        """The child has ended."""
        with contextlib.suppress(BrokenPipeError):  # somebody has killed the stand-in
            os.write(self._held, b".")
        os.close(self._held)
        os.waitpid(self._pid, 0)


def _stop_orphan(child: int) -> None:
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and _send(child, STOP_SIGNAL):
        time.sleep(0.05)
    _send(child, signal.SIGKILL)


def _send(child: int, number: int) -> bool:
    """Send a signal to a child and its process group; whether there was anybody."""
    found = False
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):  # the latter: a zombie's, on macOS
            kill(child, number)
            found = True
    return found


class Reaper:
    """One folder and at most one child, which runs as `persona` (user and group id)."""

    def __init__(self, folder: str, parent: int, persona: tuple[int, int] | None) -> None:
        self.folder = folder
        self.persona = persona
        self.parent = parent
        self.child: int | None = None
        self.stand_in: StandIn | None = None
        self.stopping = False
        self.pending = b""
        self.die_with_parent = _die_with_parent()

    def catch_signals(self) -> None:
        """Every signal of interest becomes a byte in a pipe; no handler ever interrupts the cleaning up."""
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        self.wake, write_end = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(write_end, False)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: None)

    def make_folder(self) -> None:
        """Make the folder, ours by its claim, and the log in it."""
        os.mkdir(self.folder, 0o700)
        self.claimed = claim(self.folder)
        log = os.open(os.path.join(self.folder, LOG), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if self.persona:
            os.chown(self.folder, *self.persona)
        self.say("ready")
        os.dup2(log, 2)  # from here on the reaper's own troubles are said there
        os.close(log)

    def say(self, line: str) -> None:
        """Write a line to the test process, if it is still there."""
        with contextlib.suppress(BrokenPipeError):
            os.write(1, line.encode() + b"\n")

    def watch(self) -> None:
        """Obey until it is time to stop: a signal, the end of stdin, another parent than ours."""
        while not self.stopping:
            # The timeout is the second line: a process forked off the test process may hold its end of our stdin.
            ready, _, _ = select.select([0, self.wake], [], [], 1.0)
            if self.wake in ready:
                received = set(os.read(self.wake, 4096))
                self.stopping |= bool(received & {signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
            self.stopping |= os.getppid() != self.parent
            self.reap()
            if 0 in ready:
                self.obey()

    def obey(self) -> None:
        """Start what stdin says; its end is the test process's."""
        got = os.read(0, 65536)
        self.stopping |= not got
        *lines, self.pending = (self.pending + got).split(b"\n")
        for line in lines:
            self.start(json.loads(line))

    def start(self, command: list[str]) -> None:
        """Run `command` as a child."""
        reaper = os.getpid()
        self.child = os.fork()
        if self.child:
            self.stand_in = None if self.die_with_parent else StandIn(self.child)
            return
        try:
            os.setpgid(0, 0)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and that would be inherited
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            if self.persona:
                user, group = self.persona
                os.setgroups([])
                os.setgid(group)
                os.setuid(user)
            if self.die_with_parent:
                self.die_with_parent()
            if os.getppid() == reaper:
                os.execv(command[0], command)  # noqa: S606  # no shell is the point
        except OSError as error:
            os.write(2, f"{command[0]}: {error}\n".encode())
        finally:
            os._exit(127)

    def reap(self) -> None:
        """Report the child's exit status once it has one."""
        pid, status = os.waitpid(self.child, os.WNOHANG) if self.child else (0, 0)
        if pid:
            self.child = None
            if self.stand_in:
                self.stand_in.dismiss()
            self.say(str(os.waitstatus_to_exitcode(status)))

    def stop_child(self) -> None:
        """Stop the child and what it started; kill what does not heed."""
        for number in (STOP_SIGNAL, signal.SIGKILL):
            deadline = time.monotonic() + GRACE
            while self.child is not None and time.monotonic() < deadline:
                # Again and again: the child may not have its own process group, or its handlers, yet.
                _send(self.child, number)
                select.select([self.wake], [], [], 0.05)
                with contextlib.suppress(BlockingIOError):
                    os.read(self.wake, 4096)
                self.reap()

    def remove_folder(self) -> None:
        """Remove the folder until it is gone: what the child started may write its last words while we remove."""
        deadline = time.monotonic() + GRACE
        while os.path.isdir(self.folder) and time.monotonic() < deadline:
            shutil.rmtree(self.folder, ignore_errors=True)


def main() -> None:
    """Own the folder that the command line names."""
    folder, parent, *persona = sys.argv[1:]
    reaper = Reaper(folder, int(parent), (int(persona[0]), int(persona[1])) if persona else None)
    reaper.catch_signals()
    reaper.make_folder()
    try:
        place, name = os.path.split(folder)
        sweep(place, name[: name.rindex("-") + 1])
        reaper.watch()
    finally:
        reaper.stop_child()
        reaper.remove_folder()


if __name__ == "__main__":
    main()
