"""Lines of every kind that a coverage configuration may leave out; `python -m shop.main` runs a part of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shop.parts import prices

if TYPE_CHECKING:
    from collections.abc import Iterable


def total(names: Iterable[str]) -> int:
    """The prices of all names."""
    found = 0
    for name in names:
        if name == "nothing":  # pragma: no branch
            continue
        if name == "debt":  # pragma: no cover
            found -= 1
        found += prices.of(name)
    return found


def abstract() -> None:
    """What somebody else is to write."""
    raise NotImplementedError


def waiting(limit: int) -> int:
    """Count up to a limit."""
    count = 0
    while True:
        count += 1
        if count >= limit:
            break
    if count > 100:  # rare
        count -= 100
    return count


def app() -> None:
    """Stands for the application."""


if __name__ == "__main__":
    total(["apple", "nothing"])
    waiting(3)
