"""What `afterawait run` does: pytest in a process of its own, then judge, combine and report. Driver process."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from afterawait import coverage_config, mode, settings, terminal
from afterawait.cli.pytest_process import PytestProcess, fault_of
from afterawait.faults import Fault, Interruption, MeasurementFault, conclude
from afterawait.mode import MeasurementMode
from afterawait.preflight.checks import Preflight
from afterawait.reports import pipeline
from afterawait.reports.counted import must_be_readable
from afterawait.runs import folder, lock, survivors
from afterawait.runs.folder import RunFolder
from afterawait.runs.manifest import Manifest
from afterawait.settings import Settings
from afterawait.signals import Interrupts

PROCESSES = 2
SHARED = "--afterawait-shared-server"
PYTESTS_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
WITHOUT_XDIST = re.compile(r"""-p["', ]*no:xdist""")


def run(
    ours: Sequence[str], for_pytest: Sequence[str], interrupts: Interrupts, *, fast: bool, session: str = ""
) -> int:
    """Run the tests; returns the exit status. `ours` are the plugin's own options, `for_pytest` the user's."""
    began = time.perf_counter()
    faults: list[Fault]
    try:
        known = replace(settings.load(Path.cwd()), with_session=session)
        if not known.base_url:
            known.require_server()
            coverage_config.check(known)
        with lock.only_run(known.state, known.grace) as held:
            faults, seconds = _run(known, [*ours, *for_pytest], mode.choose(fast=fast), held, interrupts)
    except Fault as fault:
        faults, seconds = [fault], {}
    except KeyboardInterrupt:
        faults, seconds = [Interruption()], {}
    seconds["in all"] = time.perf_counter() - began
    if len(seconds) > 1:  # something was begun
        terminal.say("time", terminal.seconds(seconds))
    return conclude(faults)


def _run(
    known: Settings, options: list[str], chosen: MeasurementMode, held: int, interrupts: Interrupts
) -> tuple[list[Fault], dict[str, float]]:
    chosen = coverage_config.mode_of(known, chosen)
    begun = Manifest.of(known.root, known.source, chosen)
    if not known.base_url:
        must_be_readable(known, begun.sources)
    run = folder.begin(known.state, keep=known.keep_runs, grace=known.grace)
    run.write_manifest(begun)
    coverage_config.prepare(known, run.path, chosen)
    began = time.perf_counter()
    with survivors.swept(run, known.grace):
        with nullcontext() if known.base_url else Preflight(known, run):
            process = PytestProcess(known, run, [*_default_processes(known, options), *options], held, interrupts)
            code = process.wait()
        left = survivors.end(run, known.grace)  # servers whose test process died are still saving
    seconds = _phases(run, time.perf_counter() - began)
    manifest = run.manifest()
    ending = fault_of(code, manifest, options, interrupted=bool(process.interrupted))
    manifest.faults += [each.payload() for each in (ending, left) if each is not None]
    faults = manifest.tests_faults()
    try:
        run.write_manifest(manifest)  # what combines this run elsewhere must know how it ended
    except MeasurementFault as fault:
        faults.append(fault)
    if known.base_url:
        terminal.say("coverage", "not measured: the server was started by somebody else")
        return faults, seconds
    if faults and not run.may_have_served():
        return faults, seconds  # nothing ran that could have been measured, and why is said
    more, spent = pipeline.conclude(known, [run], verbosity=manifest.verbosity)
    return faults + more, seconds | spent


def _default_processes(known: Settings, options: list[str]) -> list[str]:
    """Two test processes for a run of everything: client and server take turns, and leave one core idle."""
    ours = ("--server-workers", "--afterawait-shard", SHARED)
    others = [each for each in options if not each.startswith(ours)]
    one_port = known.port or (known.server and not known.names_port)  # the command names it, most likely
    one_port = one_port and SHARED not in options
    alone = others or known.base_url or one_port or (os.cpu_count() or 1) < PROCESSES or not _has_xdist(known.root)
    return [] if alone else ["-n", str(PROCESSES)]


def _has_xdist(root: Path) -> bool:
    """Whether pytest will have pytest-xdist's options: where they were switched off, it would refuse them."""
    if find_spec("xdist") is None or "PYTEST_DISABLE_PLUGIN_AUTOLOAD" in os.environ:
        return False
    files = [root / name for name in PYTESTS_FILES]
    texts = [each.read_text(encoding="utf-8", errors="replace") for each in files if each.is_file()]
    return not any(WITHOUT_XDIST.search(each) for each in [os.environ.get("PYTEST_ADDOPTS", ""), *texts])


def _phases(run: RunFolder, total: float) -> dict[str, float]:
    spent = run.manifest().seconds
    start = sum(value for name, value in spent.items() if name in {"database", "setup", "server", "server main"})
    stop = spent.get("stop", 0.0)
    return {"start": start, "tests": total - start - stop, "stop": stop}
