"""The folders that a run collects: the key that lies there, and the request to save. Driver process.

Everybody may write to such a folder: only what is a file itself is read, and nothing is written through a link.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

from afterawait import protocol
from afterawait.agent import drop
from afterawait.faults import EnvironmentFault
from afterawait.services.environment import run_key

FIT = re.compile(r"[A-Za-z0-9._~-]+")
"""What no header, and nobody who passes baggage on, writes in another way."""


def named(path: Path) -> str:
    """A folder, for people."""
    return os.path.relpath(path)


def take_key(folders: Sequence[Path]) -> None:
    """Go by the key that the servers have which write there, or make one for them. Raises EnvironmentFault."""
    if key := os.environ.get(protocol.KEY):
        _must_fit(key, protocol.KEY)
        return
    keys = {}
    for each in folders:
        with contextlib.suppress(OSError, ValueError):
            keys[each] = drop.key_of(str(each))
    if len(set(keys.values())) > 1:
        message = (
            f"{', '.join(map(named, keys))} belong to servers with different keys: one alone would know the tests."
        )
        hint = f"Set {protocol.KEY} to one text for all of them and for this run, or let them share a folder."
        raise EnvironmentFault(message, hint=hint)
    for folder, key in keys.items():
        _must_fit(key, named(folder / protocol.DROP_KEY))
    os.environ[protocol.KEY] = next(iter(keys.values()), "") or run_key()
    for each in set(folders) - keys.keys():
        with contextlib.suppress(OSError, ValueError):
            drop.key_in(str(each), os.environ[protocol.KEY])  # a server that starts later takes it


def _must_fit(key: str, where: str) -> None:
    if key and not FIT.fullmatch(key):
        message = f"{where} holds more than letters, digits and .-_~: on its way in a header it may become another key."
        raise EnvironmentFault(message, hint="Make one so: python -c 'import secrets; print(secrets.token_hex(8))'")


def ask(folders: Sequence[Path]) -> bool:
    """Ask for what was measured, in every folder; whether they can be written to."""
    try:
        for each in folders:
            draft = each / f"{protocol.DROP_SAVE}.{os.urandom(4).hex()}.tmp"
            try:
                with draft.open("x", encoding="ascii") as file:
                    file.write(os.urandom(4).hex())
                draft.replace(each / protocol.DROP_SAVE)
            finally:
                draft.unlink(missing_ok=True)
    except OSError:
        return False
    return True
