"""The processes of a command of the project's own: which they are, and how they end. Test process, or a driver."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Sequence
from functools import partial

from psutil import Process

from afterawait.agent.record import ProcessRecord
from afterawait.processes import tree
from afterawait.processes.polling import Expired, wait_until
from afterawait.processes.tree import Tree
from afterawait.protocol import StopBudget
from afterawait.runs.folder import RunFolder
from afterawait.services import flush, known_servers

PAUSE = 0.05


class CommandTree(Tree):
    """Of the command that runs as `pid` since `began`; its measured processes leave records in `run`."""

    def __init__(self, run: RunFolder, pid: int, began: float) -> None:
        super().__init__(pid)
        self.run = run
        self.pid = pid
        self.began = began
        self.forced = False
        self.notes: list[str] = []
        """How processes ended, for people: what is no fault."""

    def records(self) -> list[ProcessRecord]:
        """Those of its processes, whoever their parent is by now."""
        found: list[ProcessRecord] = []
        pids = self.pids()
        records = [each for each in self.run.records() if each.command]  # no fork of ours, before it became the command
        for each in sorted(records, key=lambda each: each.began):
            if each.began >= self.began and pids & {each.pid, each.parent or each.started_by}:
                found.append(each)
                pids.add(each.pid)
        self.adopt(each.pid for each in found)
        return found

    def living(self) -> list[ProcessRecord]:
        """Those of processes that live."""
        records = self.records()
        pids = {each.pid for each in self.look()}
        return [each for each in records if each.pid in pids]

    def shutdown_failures(self) -> list[str]:
        """Why the application failed in its shutdown."""
        return sorted({each.shutdown for each in self.records() if each.shutdown})

    def end(self, seconds: float) -> None:
        """Let what serves save, ask the topmost measured processes to end, wait, kill what is left after `seconds`."""
        living = self.living()
        flush.flush(self.run, [each for each in living if each.served])
        self._ask(seconds)
        left = self.living()
        self.forced = bool(self.look())
        serving = [each for each in left if each.served]
        flush.flush(self.run, serving)
        tree.kill(each for each in self.look() if each.pid in {record.pid for record in serving})
        if serving:  # what only waits for them ends by itself now, and saves
            with contextlib.suppress(Expired):
                wait_until(partial(self._ended, None), seconds=StopBudget.SAVING, pause=PAUSE)
        while processes := self.look():
            tree.kill(processes)
            time.sleep(PAUSE)
        records = self.records()
        flush.tidy(self.run, records)
        for each in records:
            if each.served and not each.ended and not each.became:
                self.notes.append(f"the {each.role} process {each.pid} {_how_killed(each, living, left, seconds)}")

    def _ask(self, seconds: float) -> None:
        """Ask for the end, from the top; what is left when that has ended did not hear of it, and is asked too."""
        deadline = time.monotonic() + seconds
        while (living := self.look()) and time.monotonic() < deadline:
            measured = {each.pid for each in self.living()}
            asked = self.topmost(measured or {each.pid for each in living})
            tree.terminate(asked)
            with contextlib.suppress(Expired):
                wait_until(partial(self._ended, asked), seconds=deadline - time.monotonic(), pause=PAUSE)
                wait_until(partial(self._ended, None), seconds=StopBudget.SETTLING, pause=PAUSE)

    def _ended(self, processes: Iterable[Process] | None) -> bool:
        """Whether these have, or all."""
        living = self.look()
        return not living if processes is None else not set(processes) & set(living)


def _how_killed(
    process: ProcessRecord, living: Sequence[ProcessRecord], left: Sequence[ProcessRecord], seconds: float
) -> str:
    """How a process ended that did not end by itself: `living` were asked to, `left` did not in `seconds`."""
    if process.start in {each.start for each in left}:
        how, known = f"did not end within {seconds:g} s of SIGTERM and was killed", known_servers.WAITS
    elif process.start in {each.start for each in living}:
        how, known = "was ended by SIGKILL", known_servers.KILLS
    else:
        return "was ended by SIGKILL before it was asked to end"
    why = known_servers.gap(process.server, known)
    return f"{how}. {why}" if why else how
