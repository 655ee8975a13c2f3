"""Sets of lines as integers, a byte a line: as a witness's block holds them, and joined without a loop. Driver process.

Line 1 is the lowest byte; line 0, where a module without any begins, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

_RAN = re.compile(rb"[^\0]")
_ONES = bytes([0]) + bytes([1]) * 255


def of_block(block: bytes) -> int:
    """Those of a block, whose cells are generations."""
    return int.from_bytes(block[1:].translate(_ONES), "little")


def of(lines: Iterable[int]) -> int:
    """Those of some line numbers."""
    numbers = [line for line in lines if line > 0]
    block = bytearray(max(numbers, default=0) + 1)
    for line in numbers:
        block[line] = 1
    return of_block(bytes(block))


def lines(cells: int) -> set[int]:
    """As line numbers."""
    block = cells.to_bytes((cells.bit_length() + 7) // 8, "little")
    return {match.end() for match in _RAN.finditer(block)}


def ranges(lines: set[int]) -> str:
    """Line numbers for people: "3-5, 9"."""
    spans: list[tuple[int, int]] = []
    for line in sorted(lines):
        if spans and spans[-1][1] == line - 1:
            spans[-1] = (spans[-1][0], line)
        else:
            spans.append((line, line))
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def inside(name: str, folders: list[Path]) -> bool:
    """Whether a file lies in one of `folders`."""
    return any(Path(name).is_relative_to(folder) for folder in folders)
