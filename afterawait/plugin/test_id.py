"""Which test sends a request, in W3C Baggage: the server's witness credits the lines it runs to it. Test process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from afterawait.agent.witness import baggage
from afterawait.services.environment import run_key

if TYPE_CHECKING:
    import pytest

HEADER = "baggage"


def name(item: pytest.Item) -> str:
    """A test's id however the run is split: pytest-xdist appends "@group" to those that stay together."""
    groups = {str(each.args[0] if each.args else each.kwargs.get("name", "default")) for each in _groups(item)}
    return item.nodeid.removesuffix(f"@{'_'.join(sorted(groups))}") if groups else item.nodeid


def _groups(item: pytest.Item) -> list[pytest.Mark]:
    return list(item.iter_markers("xdist_group"))


def credited_to(item: pytest.Item) -> str:
    """What the lines are credited to that a test runs in its own process."""
    return baggage.credited_to(name(item))


def header(item: pytest.Item) -> dict[str, str]:
    """The header of a test's requests."""
    return {HEADER: baggage.header(name(item), run_key())}


class Running:
    """The test that runs in this process, the set-up and teardown of its fixtures included."""

    def __init__(self) -> None:
        self._name = ""
        self.followers: list[Callable[[], None]] = []
        """Called whenever a test begins."""

    def begin(self, item: pytest.Item) -> None:
        """A test begins."""
        self._name = name(item)
        for follow in self.followers:
            follow()

    def end(self) -> None:
        """It is over; whatever is sent before the next one is nobody's."""
        self._name = ""

    def members(self) -> dict[str, str]:
        """What requests carry that are sent now; empty between two tests."""
        return baggage.members(self._name, run_key()) if self._name else {}


running = Running()
