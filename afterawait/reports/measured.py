"""What of combined data counts: no canary, no line that never ran, no branch that may be false. Driver process."""

from __future__ import annotations

from collections.abc import Mapping

from coverage import CoverageData

from afterawait.agent import canary
from afterawait.evidence.data_files import recorded
from afterawait.mode import MeasurementMode
from afterawait.reports.contexts_sql import Arc

NOTHING: Mapping[str, set[int]] = {}


class Measured:
    """Lines or arcs of `data`. `never`, by file: lines that coverage.py counts and that ran in no process.

    All arcs that touch such a line go with it: they are those of the code that was taken for it.
    """

    def __init__(
        self, data: CoverageData, mode: MeasurementMode | None = None, never: Mapping[str, set[int]] = NOTHING
    ) -> None:
        self.files = sorted(name for name in data.measured_files() if not canary.is_measured_half(name))
        self._data = data
        self._monitored = mode is not None and mode.monitored
        self._never = never
        self.branches = data.has_arcs() and not self._monitored

    def arcs(self) -> dict[str, list[Arc]]:
        """By file."""
        found = {}
        for name in self.files:
            never = self._never.get(name, set())
            found[name] = [arc for arc in self._data.arcs(name) or () if never.isdisjoint(arc)]
        return found

    def lines(self) -> dict[str, frozenset[int]]:
        """By file."""
        return {
            name: recorded(self._data, name, monitored=self._monitored) - self._never.get(name, set())
            for name in self.files
        }
