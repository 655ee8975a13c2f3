"""A private, throw-away PostgreSQL: made in a temporary folder, run by a reaper, gone with it. Test process."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from pathlib import Path

from afterawait.databases import binaries, data_folder, place
from afterawait.databases.binaries import Binaries
from afterawait.faults import EnvironmentFault
from afterawait.processes.polling import wait_until
from afterawait.processes.reaper_client import ReaperClient

HOST = "127.0.0.1"
PORT = 5432  # of the Unix socket's name; nothing listens on it
INITDB_SECONDS = 120.0
START_SECONDS = 30.0
STOP_SECONDS = 15.0
PORT_ATTEMPTS = 5
OTHERWISE = "AFTERAWAIT_PG_BIN chooses another PostgreSQL, DATABASE_URL a running server."

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
            self._folder = ReaperClient(place.find(self.user, programs=not self.binaries.reachable), self.user)
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
            hint="Read the log above. "
            + (f"Remove {self._kept} to begin with an empty database." if self._kept else OTHERWISE),
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
        data_folder.copy(data, draft, None)
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
            data_folder.copy(self._kept, data, self.user)
            return
        cached = data_folder.cached_at(cache, self.binaries) if cache else None
        if cached and cached.is_dir() and not afresh and data_folder.restore(cached, data, self.user):
            return
        self._initdb(binaries, data)
        if cached:
            data_folder.keep(data, cached)

    def _initdb(self, binaries: Binaries, data: Path) -> None:
        command: list[str | Path] = [binaries.folder / "initdb", "-D", data, *data_folder.initdb_options(binaries)]
        try:
            status = self._folder.run(command, timeout=INITDB_SECONDS)
            how = f"exit status {status}"
        except TimeoutError:
            status, how = -1, f"no end after {INITDB_SECONDS:g} s"
        if status:
            raise EnvironmentFault(
                f"initdb of {self.version} ({self.source}) failed: {how}.",
                detail=self._folder.log_tail(),
                hint=f"Read the log above. {OTHERWISE}",
            )


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
