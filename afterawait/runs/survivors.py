"""What outlives a run: named, ended, and a fault of the application. Driver process.

Finding and ending is afterawait/processes/leftovers.py. Each search gives those that end by themselves (servers whose
test process has died save their data) the time that they need.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from afterawait import protocol, terminal
from afterawait.faults import ApplicationFault
from afterawait.processes import leftovers
from afterawait.processes.leftovers import Left, Search, Sweeper
from afterawait.protocol import StopBudget

if TYPE_CHECKING:
    from afterawait.runs.folder import RunFolder

LONGEST = 120  # characters of a command
SHOWN = 5
SELF_ENDING = [protocol.SERVER, protocol.WORKER, protocol.SUPERVISOR, protocol.RUNNER, protocol.XDIST_WORKER]
"""Roles of processes that notice by themselves that the test process, or the driver, is gone."""

HINT = (
    "End in the application's shutdown what it started, or in the test. What is to stay beyond the run has to be"
    f" started before it, or without {protocol.RUN} in its environment."
)


@contextlib.contextmanager
def swept(run: RunFolder, grace: float) -> Iterator[None]:
    """Leave nothing of the run behind even if this process dies within the block."""
    sweeper = Sweeper(_search(run.path, StopBudget(grace)))
    try:
        yield
    except BaseException:  # nobody has looked what is left
        sweeper.sweep()
        raise
    sweeper.dismiss()


def end(run: RunFolder, grace: float) -> ApplicationFault | None:
    """End what outlives the run's servers; None where nothing does."""
    left = leftovers.end(_search(run.path, StopBudget(grace)))
    # A command's own processes have lost the test process that was to stop them, and that is said.
    commands = {each.pid for each in run.records() if each.command}
    left = [each for each in left if each.pid not in commands and not each.of_command]
    if not left:
        return None
    message = (
        "The servers have stopped, and a process of this run still runs"
        if len(left) == 1
        else (f"The servers have stopped, and {len(left)} processes of this run still run")
    )
    starters = _starters(run)
    shown = [_line(each, starters) for each in left[:SHOWN]] + ["..."] * (len(left) > SHOWN)
    it = "It was" if len(left) == 1 else "They were"
    return ApplicationFault(f"{message}: {'; '.join(shown)}. {it} ended.", hint=HINT)


def end_earlier(state: Path, grace: float) -> None:
    """End what earlier runs have left in the checkout, and say so: it may hold a port, a database or a lock."""
    budget = StopBudget(grace)
    for folder, below in ((state / protocol.RUNS, True), (state / protocol.RUN_FOLDER, False)):
        for each in leftovers.end(_search(folder, budget, below=below)) if folder.is_dir() else ():
            terminal.say("left over", f"{_line(each, {})} still ran from an earlier run; it was ended")


def _search(folder: Path, budget: StopBudget, *, below: bool = False) -> Search:
    return Search(
        variables=[protocol.RUN, protocol.COMMAND],
        folder=str(folder),
        held=protocol.PROCESSES,
        records=protocol.RECORDS,
        roles=SELF_ENDING,
        below=below,
        patience=budget.run,
        settling=budget.SETTLING,
        saving=budget.SAVING,
    )


def _starters(run: RunFolder) -> dict[int, str]:
    """Who started a process, by its pid, where that process left a record."""
    records = sorted(run.records(), key=lambda each: each.began)  # a forked process may become another program
    roles = {each.pid: each.role for each in records}
    by = {each.pid: each.parent or each.started_by for each in records}
    return {pid: f"the {roles[starter]} process {starter}" for pid, starter in by.items() if starter in roles}


def _line(left: Left, starters: dict[int, str]) -> str:
    command = left.command if len(left.command) <= LONGEST else f"{left.command[:LONGEST]}..."
    started = f", started by {starters[left.pid]}" if left.pid in starters else ""
    return f"pid {left.pid} ({command}){started}"
