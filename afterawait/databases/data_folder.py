"""What a private PostgreSQL's data folder begins with: made by initdb once, then copied from a cache. Test process."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from afterawait.databases.binaries import Binaries
from afterawait.processes.reaper_client import Persona

USER = "postgres"  # the superuser
UTF8_LOCALE_SINCE = 17  # upper() and lower() beyond ASCII, alike on each machine


def initdb_options(binaries: Binaries) -> list[str]:
    """What initdb is called with, but for the folder."""
    options = ["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    if binaries.major >= UTF8_LOCALE_SINCE:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        # As in cluster.SETTINGS: an initdb that is killed leaves no segment either.
        options += ["-c", "dynamic_shared_memory_type=mmap"]
    return options


def cached_at(cache: Path, binaries: Binaries) -> Path:
    """Where in `cache` the folder is that these binaries make with these options."""
    made_by = hashlib.sha256(f"{binaries.folder} {initdb_options(binaries)}".encode()).hexdigest()
    return cache / f"{binaries.version.replace('PostgreSQL ', 'pg-')}-{made_by[:12]}"


def restore(cached: Path, data: Path, user: Persona | None) -> bool:
    """Copy what is cached to `data`. False, and nothing left, where it is removed at this moment, or damaged."""
    try:
        copy(cached, data, user)
    except (OSError, shutil.Error):
        shutil.rmtree(data, ignore_errors=True)
        return False
    return True


def keep(data: Path, cached: Path) -> None:
    """Cache a copy of `data`, whole or not at all, in place of those of other versions."""
    with contextlib.suppress(OSError, shutil.Error):  # a cache that can't be written costs time only
        cached.parent.mkdir(parents=True, exist_ok=True)
        for old in cached.parent.glob("pg-*"):
            shutil.rmtree(old, ignore_errors=True)
        draft = Path(tempfile.mkdtemp(prefix="pg-new-", dir=cached.parent))
        copy(data, draft / "data", None)
        (draft / "data").rename(cached)
        draft.rmdir()


def copy(source: Path, target: Path, user: Persona | None) -> None:
    """Copy a data folder, for `user` to run it. Raises OSError, shutil.Error."""
    shutil.copytree(source, target, copy_function=shutil.copyfile)
    target.chmod(0o700)
    if user:
        for folder, _, files in os.walk(target):
            os.chown(folder, user.uid, user.gid)
            for file in files:
                os.chown(f"{folder}/{file}", user.uid, user.gid)
