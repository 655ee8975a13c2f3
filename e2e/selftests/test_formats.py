"""A file of another version of its format is refused by name, never guessed at."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from afterawait import protocol
from afterawait.agent import record
from afterawait.agent.record import ProcessRecord
from afterawait.faults import MeasurementFault
from afterawait.reports import explored
from afterawait.runs import manifest
from afterawait.runs.manifest import Manifest


@pytest.mark.parametrize("version", [None, record.VERSION + 1])
def test_a_process_record_of_another_version(tmp_path: Path, version: int | None) -> None:
    """The first version did not say it."""
    path = tmp_path / protocol.RECORD.format(pid=1, start="a")
    written = asdict(ProcessRecord(pid=1)) | {"version": version}
    path.write_text(json.dumps({name: value for name, value in written.items() if value is not None}))

    with pytest.raises(ValueError, match=f"and this is {record.VERSION}"):
        record.read(path)


@pytest.mark.parametrize("version", [None, manifest.VERSION + 1])
def test_a_manifest_of_another_version(tmp_path: Path, version: int | None) -> None:
    """As an artifact of a CI job may be."""
    written = asdict(Manifest(str(tmp_path), {})) | {"version": version}
    text = json.dumps({name: value for name, value in written.items() if value is not None})
    (tmp_path / protocol.MANIFEST).write_text(text)

    with pytest.raises(MeasurementFault, match=f"and this is {manifest.VERSION}"):
        manifest.read(tmp_path)


def test_a_session_of_another_version(tmp_path: Path) -> None:
    """Of one that does not say it, the format is still the same."""
    path = explored.path_of(tmp_path, "mine")
    path.write_text(json.dumps({"name": "mine", "files": {}}))
    first = explored.read(tmp_path, "mine")
    path.write_text(json.dumps({"version": explored.VERSION + 1, "name": "mine", "files": {}}))

    assert first == {}
    with pytest.raises(ValueError, match=f"and this is {explored.VERSION}"):
        explored.read(tmp_path, "mine")
