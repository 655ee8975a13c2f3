"""Whether a run's data speak of the sources that are here, and of lines that hold code. Driver process."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path

from afterawait.agent.drop import LIBRARIES
from afterawait.evidence.code_lines import recordable
from afterawait.evidence.data_files import DataFile
from afterawait.evidence.identity import Checkout
from afterawait.evidence.line_sets import inside, ranges
from afterawait.evidence.recordings import WitnessFile
from afterawait.faults import MeasurementFault
from afterawait.judge.causes import BOTH
from afterawait.runs.manifest import Manifest

SHOWN = 12


def changed(
    manifest: Manifest, checkout: Checkout, witnesses: list[WitnessFile], counts: Callable[[str], bool]
) -> list[MeasurementFault]:
    """Data of other sources say nothing about these. A module that a process made and ran is no other."""
    if manifest.elsewhere:
        return _other_than_here(manifest, checkout, witnesses, counts)
    here = checkout.sources.digests
    there = {checkout.name(name): digest for name, digest in manifest.sources.items()}
    made = {file.name: file.sha256 for each in witnesses for file in each.files.values()}
    differ = (name for name in here.keys() | there.keys() if here.get(name) != there.get(name, made.get(name)))
    names = sorted(os.path.relpath(name, checkout.root) for name in differ)
    if not names:
        return []
    message = f"The sources are not those that were measured: {', '.join(names)}."
    return [MeasurementFault(message, hint="Combine beside the very sources that were measured, or run again.")]


@functools.cache  # each shard of a run is held against the same files
def _recordable(name: str, text: bytes) -> frozenset[int]:
    return frozenset(recordable(compile(text, name, "exec", dont_inherit=True)))


def _other_than_here(
    manifest: Manifest, checkout: Checkout, witnesses: list[WitnessFile], counts: Callable[[str], bool]
) -> list[MeasurementFault]:
    """The same of a server elsewhere: an image may lack files, and hold some that never run."""
    here = checkout.sources.digests
    there = {checkout.name(name): digest for name, digest in manifest.sources.items()}
    differ = {name for name in here.keys() & there.keys() if here[name] != there[name]}
    ran = {name for each in witnesses for name, lines in each.lines.items() if lines}
    unknown = {
        name for name in ran - here.keys() if not inside(name, [checkout.root]) and not _is_library(name, manifest)
    }
    names = sorted(
        os.path.relpath(each, checkout.root) if each in here else each for each in filter(counts, differ | unknown)
    )
    if not names:
        return []
    shown = ", ".join(names[:SHOWN]) + ", ..." * (len(names) > SHOWN)
    message = f"The server ran other sources than this checkout has: {shown}."
    return [
        MeasurementFault(message, hint="Build its image anew from this checkout, or check out what it was built from.")
    ]


def _is_library(name: str, manifest: Manifest) -> bool:
    """Whether a file there belongs to a package that is installed below what was measured."""
    return any(
        inside(name, [Path(each)]) and LIBRARIES & set(Path(name).relative_to(each).parts)
        for each in manifest.elsewhere
    )


def lines_without_code(
    files: list[DataFile], witnesses: list[WitnessFile], folders: list[Path]
) -> tuple[dict[str, set[int]], list[MeasurementFault]]:
    """By file, the recorded lines at which no code begins: there the tracer took one frame for another.

    Where a witness saw them as well, other code ran under the file's name, made by `exec`: they are no fault.
    """
    generated: dict[str, set[int]] = {}
    for witness in witnesses:
        for name, ran in witness.lines.items():
            generated.setdefault(name, set()).update(ran)
    recorded: dict[str, set[int]] = {}
    for data in files:
        for name, lines in data.lines.items():
            if lines and inside(name, folders):
                recorded.setdefault(name, set()).update(lines)
    strange: dict[str, set[int]] = {}
    faults = []
    for name, all_lines in sorted(recorded.items()):
        path = Path(name)
        try:
            may_run = _recordable(name, path.read_bytes())
        except FileNotFoundError:
            continue  # a process made it and removed it: coverage.py says so, or is told to pass over it
        except (OSError, SyntaxError, ValueError) as error:
            message = f"{path} was measured and cannot be read back: {error}."
            faults.append(MeasurementFault(message, hint="Combine beside the very sources that were measured."))
            continue
        if without := all_lines - may_run - {0}:  # 0: an empty module has run
            strange[name] = without
            if not (without := without - generated.get(name, set())):
                continue
            message = f"{path}: lines {ranges(without)} were recorded, and hold no code: the tracer lost its place."
            faults.append(MeasurementFault(message, hint=BOTH))
    return strange, faults
