"""What `afterawait run` does: pytest in a process of its own, then judge, combine and report. Driver process."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from afterawait import coverage_config, mode, settings, terminal
from afterawait.cli.pytest_process import PytestProcess, fault_of
from afterawait.faults import EnvironmentFault, Fault, Interruption, MeasurementFault, conclude
from afterawait.mode import MeasurementMode
from afterawait.preflight.checks import Preflight
from afterawait.reports import pipeline
from afterawait.reports.counted import must_be_readable
from afterawait.runs import folder, lock, survivors
from afterawait.runs.folder import RunFolder
from afterawait.runs.manifest import Manifest
from afterawait.services.elsewhere import Elsewhere
from afterawait.settings import Settings
from afterawait.signals import Interrupts

PROCESSES = 2
SHARED = "--afterawait-shared-server"
PYTESTS_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
WITHOUT_XDIST = re.compile(r"""-p["', ]*no:xdist""")


@dataclass(frozen=True)
class Collecting:
    """How long data of a server elsewhere may take to come, and the command that stops it."""

    patience: float
    stop: str


def run(  # noqa: PLR0913  # the options of a command
    ours: Sequence[str],
    for_pytest: Sequence[str],
    interrupts: Interrupts,
    collecting: Collecting,
    *,
    fast: bool,
    session: str = "",
) -> int:
    """Run the tests; returns the exit status. `ours` are the plugin's own options, `for_pytest` the user's."""
    began = time.perf_counter()
    faults: list[Fault]
    try:
        known = replace(settings.load(Path.cwd()), with_session=session)
        if not known.base_url:
            known.require_server()
        if known.measures:
            coverage_config.check(known)
        elsewhere = _elsewhere(known, collecting)
        with lock.only_run(known.state, known.grace) as held:
            faults, seconds = _run(known, [*ours, *for_pytest], mode.choose(fast=fast), held, interrupts, elsewhere)
    except Fault as fault:
        faults, seconds = [fault], {}
    except KeyboardInterrupt:
        faults, seconds = [Interruption()], {}
    seconds["in all"] = time.perf_counter() - began
    if len(seconds) > 1:  # something was begun
        terminal.say("time", terminal.seconds(seconds))
    return conclude(faults)


def _run(  # noqa: PLR0913  # what a run is made of
    known: Settings,
    options: list[str],
    chosen: MeasurementMode,
    held: int,
    interrupts: Interrupts,
    elsewhere: Elsewhere | None,
) -> tuple[list[Fault], dict[str, float]]:
    chosen = coverage_config.mode_of(known, chosen)
    begun = Manifest.of(known.root, known.source, chosen, collected=elsewhere is not None)
    if known.measures:
        must_be_readable(known, begun.sources)
    run = folder.begin(known.state, keep=known.keep_runs, grace=known.grace)
    run.write_manifest(begun)
    coverage_config.prepare(known, run.path, chosen)
    if elsewhere is not None:
        elsewhere.begin(chosen)
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
    # Else no test has run.
    collecting = elsewhere is not None and (manifest.finished or bool(process.interrupted) or code < 0)
    # What combines this run elsewhere must know how it ended; one that ends while it collects has no end.
    faults += _written(run, replace(manifest, finished=False) if collecting else manifest)
    if not known.measures:
        terminal.say("coverage", "not measured: the server was started by somebody else")
        return faults, seconds
    runs = [run]
    if elsewhere is not None and collecting:
        copies, missing = elsewhere.end(run, hurried=bool(process.interrupted))
        runs += copies
        manifest.faults += [each.payload() for each in missing]
        faults += [*missing, *_written(run, manifest)]
    if faults and not any(each.may_have_served() for each in runs):
        return faults, seconds  # nothing ran that could have been measured, and why is said
    more, spent = pipeline.conclude(known, runs, verbosity=manifest.verbosity, before=faults)
    return faults + more, seconds | spent


def _written(run: RunFolder, manifest: Manifest) -> list[Fault]:
    """What is the matter where the manifest cannot be written."""
    try:
        run.write_manifest(manifest)
    except MeasurementFault as fault:
        return [fault]
    return []


def _elsewhere(known: Settings, collecting: Collecting) -> Elsewhere | None:
    """The server whose data are collected. Raises EnvironmentFault for options that mean nothing without one."""
    if known.collect:
        return Elsewhere(known, patience=collecting.patience, stop=collecting.stop)
    if collecting.stop:
        message = "--stop stops a server whose data are collected, and there is none."
        raise EnvironmentFault(message, hint="Add --base-url and --collect, or leave it out.")
    return None


def _default_processes(known: Settings, options: list[str]) -> list[str]:
    """Two test processes for a run of everything: client and server take turns, and leave one core idle."""
    ours = ("--server-workers", "--afterawait-shard", SHARED)
    others = [each for each in options if not each.startswith(ours)]
    one = known.base_url or (known.one_at_a_time and SHARED not in options)
    alone = others or one or (os.cpu_count() or 1) < PROCESSES or not _has_xdist(known.root)
    return [] if alone else ["-n", str(PROCESSES)]


def _has_xdist(root: Path) -> bool:
    """Whether pytest will have pytest-xdist's options: where they were switched off, it would refuse them."""
    if find_spec("xdist") is None or os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD"):
        return False
    files = [root / name for name in PYTESTS_FILES]
    texts = [each.read_text(encoding="utf-8", errors="replace") for each in files if each.is_file()]
    return not any(WITHOUT_XDIST.search(each) for each in [os.environ.get("PYTEST_ADDOPTS", ""), *texts])


def _phases(run: RunFolder, total: float) -> dict[str, float]:
    spent = run.manifest().seconds
    start = sum(value for name, value in spent.items() if name in {"database", "setup", "server", "server main"})
    stop = spent.get("stop", 0.0)
    return {"start": start, "tests": total - start - stop, "stop": stop}
