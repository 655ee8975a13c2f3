"""A private, throw-away PostgreSQL: made in a temporary folder, run under a guard, gone with it. Test process."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from afterawait.databases import binaries
from afterawait.databases.binaries import Binaries, Persona
from afterawait.faults import EnvironmentFault
from afterawait.processes.polling import wait_until
from afterawait.processes.reaper_client import ReaperClient

PREFIX = "afterawait-pg-"
USER = "postgres"
HOST = "127.0.0.1"
PORT = 5432  # of the Unix socket's name; nothing listens on it
SOCKET_LIMIT = 103  # bytes in a Unix socket's path: 103 on macOS, 107 on Linux
ROOMY = 1 << 30  # bytes free in memory below which the disk is used
INITDB_SECONDS = 120.0
START_SECONDS = 30.0
STOP_SECONDS = 15.0
PORT_ATTEMPTS = 5

SETTINGS = {
    # The data need not survive a crash, and nothing replicates them.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "min_wal_size": "32MB",
    "max_wal_size": "64MB",
    "checkpoint_timeout": "1h",
    "log_checkpoints": "off",
    # Nothing happens by itself: no plan changes half-way, no vacuum holds a database that is to be dropped.
    "autovacuum": "off",
    "max_logical_replication_workers": "0",
    "jit": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    # A segment under /dev/shm would outlive a kill -9; a file in the data folder goes with it.
    "dynamic_shared_memory_type": "mmap",
    "unix_socket_permissions": "0700",
    "lc_messages": "C",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


class Postgres:
    """A running PostgreSQL. Constructing it starts it; `stop()`, or the end of this process, removes it.

    Its superuser is `postgres`: without a password on the Unix socket, in a folder that is ours alone; with `tcp`
    also on 127.0.0.1, with the password that the caller gives it (see PrivatePostgres).
    """

    def __init__(
        self, *, cache: Path | None = None, pg_bin: str | None = None, tcp: bool = False, kept: Path | None = None
    ) -> None:
        """`kept` are data that `keep` put there; where there are none, new ones are made."""
        self._kept = kept if kept and kept.is_dir() else None
        self.user = binaries.persona()
        self.binaries = binaries.find(pg_bin, self.user)
        self.source, self.version = self.binaries.source, self.binaries.version
        self.port = PORT
        for attempt in range(PORT_ATTEMPTS if tcp else 2):
            self._folder = ReaperClient(_place(self.user, programs=not self.binaries.reachable), self.user)
            try:
                if self._start(cache, afresh=attempt > 0, tcp=tcp):
                    return
                failure = self._folder.log_tail()
            except BaseException:
                self.stop()
                raise
            self.stop()
        raise EnvironmentFault(
            f"{self.version} ({self.source}) did not start.",
            detail=failure,
            hint="Read the log above. AFTERAWAIT_PG_BIN chooses another PostgreSQL, DATABASE_URL a running server."
            if self._kept is None
            else f"Read its last lines above; without {self._kept} it begins anew.",
        )

    @property
    def socket_folder(self) -> Path:
        """The folder of the Unix socket, which takes the place of a host."""
        return self._folder.path

    def log_tail(self) -> str:
        """The last lines of its log."""
        return self._folder.log_tail()

    def keep(self, folder: Path) -> None:
        """Stop PostgreSQL in order, and put a copy of its data at `folder`, whole or not at all. Raises OSError."""
        data = self._folder.path / "data"
        os.kill(int((data / "postmaster.pid").read_text(encoding="utf-8").split()[0]), signal.SIGINT)
        wait_until(self._folder.ended, seconds=STOP_SECONDS)
        draft = folder.with_name(f"{folder.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        _copy_data(data, draft, None)
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)

    def stop(self) -> None:
        """Stop it and remove all it wrote. Idempotent."""
        self._folder.close()

    def _start(self, cache: Path | None, *, afresh: bool, tcp: bool) -> bool:
        """Whether it runs; False where another try, with another port and data made afresh, may help."""
        home = self._folder.path
        binaries = self.binaries if self.binaries.reachable else self.binaries.copied_to(home / "pg")
        data = home / "data"
        self._make_data(binaries, data, cache, afresh=afresh)
        access = ["local all all trust"]
        settings = SETTINGS | {"unix_socket_directories": str(home), "listen_addresses": ""}
        if binaries.major >= 18:  # noqa: PLR2004  # the version that brought it; its workers are processes more to start
            settings["io_method"] = "sync"
        if tcp:
            self.port = _free_port()
            settings["listen_addresses"] = HOST
            access.append(f"host all all {HOST}/32 scram-sha-256")
        settings["port"] = str(self.port)
        (data / "pg_hba.conf").write_text("\n".join(access) + "\n", encoding="ascii")
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._folder.start([binaries.folder / "postgres", "-D", data, *options])
        deadline = time.monotonic() + START_SECONDS
        while not self._folder.ended():
            if _accepts(data):
                return True
            if time.monotonic() > deadline:
                break
            time.sleep(0.005)
        return False

    def _make_data(self, binaries: Binaries, data: Path, cache: Path | None, *, afresh: bool) -> None:
        """The data folder: what was kept, a copy of an earlier run's first state, or made now and cached."""
        if self._kept is not None:
            _copy_data(self._kept, data, self.user)
            return
        options = ["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        if binaries.major >= 17:  # noqa: PLR2004  # upper() and lower() beyond ASCII, alike on each machine
            options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            # As in SETTINGS: an initdb that is killed leaves no segment either.
            options += ["-c", "dynamic_shared_memory_type=mmap"]
        kept = _cache_entry(cache, self.binaries, options) if cache else None
        if kept and kept.is_dir() and not afresh:
            try:
                _copy_data(kept, data, self.user)
            except (OSError, shutil.Error):  # removed at this moment, or damaged
                shutil.rmtree(data, ignore_errors=True)
            else:
                return
        try:
            status = self._folder.run([binaries.folder / "initdb", "-D", data, *options], timeout=INITDB_SECONDS)
            how = f"exit status {status}"
        except TimeoutError:
            status, how = -1, f"no end after {INITDB_SECONDS:g} s"
        if status:
            raise EnvironmentFault(
                f"initdb of {self.version} ({self.source}) failed: {how}.",
                detail=self._folder.log_tail(),
                hint="Read the log above. AFTERAWAIT_PG_BIN chooses another PostgreSQL, DATABASE_URL a running server.",
            )
        if kept:
            with contextlib.suppress(OSError, shutil.Error):  # a cache that can't be written is no cache
                _keep(data, kept)


def _place(user: Persona | None, *, programs: bool) -> Path:
    """A folder to be: in memory where there is plenty, reachable by `user`, short enough to hold a socket."""
    name = PREFIX + secrets.token_hex(4)
    refused = []
    for base in _bases():
        if why := _unfit(base, name, user, programs=programs):
            refused.append(f"  {base}: {why}")
        else:
            return base / name
    raise EnvironmentFault(
        "There is no folder to run PostgreSQL in. Tried:",
        detail="\n".join(refused),
        hint="Let TMPDIR name a folder with a short path that may be written.",
    )


def _bases() -> Iterator[Path]:
    memory = Path("/dev/shm")  # noqa: S108  # a folder of ours within it, made with mode 0700
    if "TMPDIR" not in os.environ and os.path.ismount(memory):
        space = os.statvfs(memory)
        if space.f_bavail * space.f_frsize > ROOMY:
            yield memory
    yield Path(tempfile.gettempdir()).resolve()
    yield from (Path("/tmp").resolve(), Path("/var/tmp").resolve())  # noqa: S108


def _unfit(base: Path, name: str, user: Persona | None, *, programs: bool) -> str:
    if len(os.fsencode(base / name / ".s.PGSQL.65535")) > SOCKET_LIMIT:
        return "too long for a Unix socket's path"
    if not base.is_dir() or not os.access(base, os.W_OK | os.X_OK):
        return "not a folder that may be written"
    if user and not all(each.stat().st_mode & 0o001 for each in (base, *base.parents)):
        return f"not reachable by the user {user.name}"
    if programs and os.statvfs(base).f_flag & getattr(os, "ST_NOEXEC", 0):
        return "mounted noexec"
    return ""


def _accepts(data: Path) -> bool:
    """Whether PostgreSQL says, on the eighth line of its PID file, that it takes connections."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"  # noqa: PLR2004


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _cache_entry(cache: Path, binaries: Binaries, options: list[str]) -> Path:
    made_by = hashlib.sha256(f"{binaries.folder} {options}".encode()).hexdigest()
    return cache / f"{binaries.version.replace('PostgreSQL ', 'pg-')}-{made_by[:12]}"


def _keep(data: Path, kept: Path) -> None:
    """Put a copy of `data` at `kept`, whole or not at all, in place of those of other versions."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    for old in kept.parent.glob("pg-*"):
        shutil.rmtree(old, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix="pg-new-", dir=kept.parent))
    _copy_data(data, draft / "data", None)
    (draft / "data").rename(kept)
    draft.rmdir()


def _copy_data(source: Path, target: Path, user: Persona | None) -> None:
    shutil.copytree(source, target, copy_function=shutil.copyfile)
    target.chmod(0o700)
    if user:
        for folder, _, files in os.walk(target):
            os.chown(folder, user.uid, user.gid)
            for file in files:
                os.chown(f"{folder}/{file}", user.uid, user.gid)
