"""What no recorder may have seen, by what is known of it: finalisers, and signal handlers. Driver process.

No fault of the run: both recorders agree, and the lines are reported as not run. That they may have run is said.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from afterawait.agent.record import ProcessRecord
from afterawait.evidence.recordings import WitnessFile

FINALISER = b"__del__"
SHOWN = 8


def sentences(
    witnesses: Iterable[WitnessFile], records: Iterable[ProcessRecord], sources: Mapping[str, str]
) -> Iterator[str]:
    """For people. `sources` are the measured files by their names here: what the processes called them."""
    witnesses = list(witnesses)
    collections = sum(each.collections for each in witnesses)
    ran: dict[str, set[int]] = {}
    for each in witnesses:
        for name, lines in each.lines.items():
            ran.setdefault(name, set()).update(lines)
    unrun = [found for name in sorted(sources) for found in _finalisers(Path(name), ran.get(name, set()))]
    if collections and unrun:
        shown = ", ".join(unrun[:SHOWN]) + ", ..." * (len(unrun) > SHOWN)
        yield f"{collections:,} garbage collections: what they finalised is not seen. It may have run: {shown}"
    handlers: dict[str, int] = {}
    for record in records:
        for name, count in record.unseen_handlers.items():
            if any(f"({measured}:" in name for measured in sources.values()):
                handlers[name] = handlers.get(name, 0) + count
    for name, count in sorted(handlers.items()):
        yield f"{count:,} calls of the signal handler {name}: what it ran is not seen, coverage.py was at work"


def _finalisers(path: Path, ran: set[int]) -> Iterator[str]:
    """The `__del__` methods of a source that have lines which nobody saw run: "Class.__del__ (file:line)"."""
    try:
        text = path.read_bytes()
        tree = ast.parse(text) if FINALISER in text else None
    except (OSError, SyntaxError, ValueError):
        return
    for found in ast.walk(tree) if tree is not None else ():
        if not isinstance(found, ast.ClassDef):
            continue
        for method in found.body:
            if isinstance(method, ast.FunctionDef) and method.name == FINALISER.decode():
                lines = {node.lineno for node in ast.walk(method) if isinstance(node, ast.stmt)} - {method.lineno}
                if lines - ran:
                    yield f"{found.name}.{method.name} ({path.name}:{method.lineno})"
