"""What comes of a connection that is refused: an exception for the application, a note for the run. Measured processes.

An application may catch the exception and go on, or try again for ever: the run reads the note, and stops.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import NoReturn

from afterawait import protocol
from afterawait.agent.record import complain
from afterawait.agent.strangers.rules import Rules
from afterawait.agent.strangers.target import Target

OURS = os.path.join(os.path.dirname(protocol.__file__), "")
INSTALLED = ("site-packages", "dist-packages")
MOST = 20  # notes of one process

_noted: set[tuple[int, Target]] = set()


class StrangersDatabase(Exception):
    """A connection was refused: its database is neither the run's own nor allowed.

    No OSError: asyncpg would try its next host.
    """


def refuse(target: Target, rules: Rules) -> NoReturn:
    """Leave a note, once for each database, and raise StrangersDatabase."""
    try:
        _note(target, rules)
    except Exception as error:
        complain("a refused connection cannot be noted", error)
    raise StrangersDatabase(
        f"afterawait: not connected ({target.driver}) to {target.shown}: that database is neither this run's own nor"
        " named in [tool.afterawait].databases_allowed."
    )


def _note(target: Target, rules: Rules) -> None:
    key = (os.getpid(), target)
    if key in _noted or len(_noted) >= MOST:
        return
    _noted.add(key)
    from afterawait.agent.strangers import variables

    held, file, scheme = variables.holding(target, rules.root)
    note = {
        "role": rules.role,
        "target": asdict(target),
        "shown": target.shown,
        "where": _where(rules.root),
        "variables": held,
        "file": file,
        "scheme": scheme,
    }
    path = Path(rules.folder) / protocol.REFUSED.format(pid=key[0], number=len(_noted))
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(note), encoding="utf-8")
    draft.replace(path)


def _where(root: str) -> str:
    """The innermost line of the project's own code that runs: "shop/db.py:12, in connect"; "" where there is none."""
    top = os.path.join(os.path.realpath(root), "")
    for frame in _frames():
        name = os.path.realpath(frame.f_code.co_filename)
        if name.startswith(os.path.realpath(OURS) + os.sep):
            continue
        inside = name.startswith(top) and not name.startswith(os.path.join(sys.prefix, ""))
        if inside and not any(each in name for each in INSTALLED) and Path(name).is_file():
            return f"{name.removeprefix(top)}:{frame.f_lineno}, in {frame.f_code.co_name}"
    return ""


def _frames() -> Iterator[FrameType]:
    """This thread's, from the inside out; past a greenlet's end, those of the greenlet that waits for it."""
    frame: FrameType | None = sys._getframe(1)
    greenlet = sys.modules["greenlet"].getcurrent() if "greenlet" in sys.modules else None
    while frame is not None or greenlet is not None:
        while frame is not None:
            yield frame
            frame = frame.f_back
        greenlet = greenlet.parent if greenlet is not None else None
        frame = greenlet.gr_frame if greenlet is not None else None
