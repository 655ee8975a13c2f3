"""Models with lines that never run, among annotations that are evaluated."""

from typing import Annotated

NEVER = False


class AtStart:
    """Whose annotations are evaluated at start-up."""

    name: str = "a"
    if NEVER:
        extra: int = 1  # never
    price: Annotated[
        int,
        lambda value: (
            value * 2  # lambda
        ),
    ] = 3
    note: Annotated[
        str,
        "no value",
    ]


class Asked:
    """Whose annotations are evaluated in a request."""

    if NEVER:
        spanning: Annotated[  # never
            str,
            "several lines",
        ] = "b"
    for each in ():
        looped: int = each  # never
    plain: int


def priced(
    amount: Annotated[int, "of a function"],
    *,
    factor: float = 1.0,
) -> Annotated[
    float,
    "its answer",
]:
    return amount * factor


if NEVER:
    SETTING: int = 3  # never
LIMIT: int = 4
