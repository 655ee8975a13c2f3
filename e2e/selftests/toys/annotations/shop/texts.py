"""Annotations that stay texts until somebody evaluates them."""

from __future__ import annotations

from typing import Annotated

NEVER = False


class Kept:
    """As under every Python before 3.14."""

    if NEVER:
        extra: int = 1  # never
    price: Annotated[
        int,
        "several lines",
    ] = 3
