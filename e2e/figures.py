"""Figures as they are kept in docs/: JSON with a row a line. Process of the benchmark or of the proof."""

from __future__ import annotations

import json
from typing import Any

WIDTH = 300
DIGITS = 4


def dumps(value: Any, width: int = WIDTH, indent: str = "") -> str:
    """JSON in which what fits stands on one line; numbers are rounded to what they hold."""
    flat = json.dumps(_rounded(value))
    if len(flat) <= width or not isinstance(value, dict | list | tuple):
        return flat
    deeper = f"{indent} "
    if isinstance(value, dict):
        parts = [f"{json.dumps(name)}: {dumps(each, width, deeper)}" for name, each in value.items()]
        opening, closing = "{", "}"
    else:
        parts = [dumps(each, width, deeper) for each in value]
        opening, closing = "[", "]"
    return f"{opening}\n{deeper}" + f",\n{deeper}".join(parts) + f"\n{indent}{closing}"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value
