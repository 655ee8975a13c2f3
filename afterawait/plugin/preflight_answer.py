"""What the driver's checks have found, waited for before anything is started. Test process.

They are made while pytest collects, and stand in a file of the run's folder when they are over.
"""

from __future__ import annotations

import json
from typing import Any

from afterawait import protocol
from afterawait.faults import from_payload
from afterawait.processes.polling import Expired, wait_until
from afterawait.runs.folder import RunFolder

LONGER = 30.0  # seconds that all but the import may take


def await_permission(run: RunFolder, start_timeout: float) -> str:
    """Wait; returns what is to be said of the application, "" for nothing. Raises the fault that was found."""
    path = run.path / protocol.PREFLIGHT
    try:
        wait_until(path.exists, seconds=start_timeout + LONGER)
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (Expired, OSError, ValueError):
        return ""  # the disk is full, say: the start will tell
    if found["fault"] is not None:
        raise from_payload(found["fault"])
    return str(found["note"])
