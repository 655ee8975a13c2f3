"""Annotations that are evaluated, also of lines that never run. Part of a program whose claims are checked."""

PART = "annotations that are evaluated"
import sys
import typing

NEVER = False


class Model:
    name: str = ""
    if NEVER:
        extra: int = 1
    for each in ():
        looped: int = each


if NEVER:
    SETTING: int = 3
LIMIT: int = 4
typing.get_type_hints(Model)
typing.get_type_hints(sys.modules[__name__])
