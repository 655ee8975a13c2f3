"""Finds a folder for a private PostgreSQL: in memory where it can be, and its path short. Test process."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from afterawait.faults import EnvironmentFault
from afterawait.processes.reaper_client import Persona

PREFIX = "afterawait-pg-"
SOCKET_LIMIT = 103  # bytes in a Unix socket's path: 103 on macOS, 107 on Linux
ROOMY = 1 << 30  # bytes free in memory below which the disk is used
MEMORY = Path("/dev/shm")  # noqa: S108  # Linux alone has it; a folder of ours within it, made with mode 0700


def find(user: Persona | None, *, programs: bool) -> Path:
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
    if "TMPDIR" not in os.environ and os.path.ismount(MEMORY):
        space = os.statvfs(MEMORY)
        if space.f_bavail * space.f_frsize > ROOMY:
            yield MEMORY
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
