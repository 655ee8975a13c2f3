"""What a value of the settings may be: checks of one value by itself. Driver and test process."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from afterawait import protocol

Check = Callable[[Any], bool]

DATABASE = re.compile(r"(postgres|postgresql|mysql|mariadb|sqlite)(\+\w+)?://")


@dataclass(frozen=True)
class Key:
    """One setting: what its value is, an example, and the check of a value. The README says what it means."""

    kind: str
    example: str
    accepts: Check


def is_text(value: Any) -> bool:
    """One that says something."""
    return isinstance(value, str) and bool(value.strip())


def is_list(value: Any) -> bool:
    """Of such texts."""
    return isinstance(value, list) and all(map(is_text, value))


def is_databases(value: Any) -> bool:
    """Of URLs, or names of files."""
    return is_list(value) and all("://" not in each or DATABASE.match(each) for each in value)


def is_app(value: Any) -> bool:
    """A module and what is in it, as servers are told it."""
    if not isinstance(value, str):
        return False
    module, _, attribute = value.partition(":")
    return all(part.isidentifier() for part in [*module.split("."), *attribute.removesuffix("()").split(".")])


def is_command(value: Any) -> bool:
    """One that can be split into words."""
    try:
        return isinstance(value, str) and bool(shlex.split(value))
    except ValueError:  # a quotation mark that is not closed
        return False


def is_commands(value: Any) -> bool:
    """One, or a list of them."""
    return is_command(value) or (isinstance(value, list) and all(map(is_command, value)))


def is_env(value: Any) -> bool:
    """Variables with their values."""
    return isinstance(value, dict) and all(isinstance(each, str) or is_number(each) for each in value.values())


def is_tables(value: Any) -> bool:
    """An array of tables."""
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def is_switch(value: Any) -> bool:
    """true or false."""
    return isinstance(value, bool)


def is_number(value: Any) -> bool:
    """One that is not true or false."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def between(least: float, most: float) -> Check:
    """A check for a number."""
    return lambda value: is_number(value) and least <= value <= most


def is_grace(value: Any) -> bool:
    """Whole seconds that open requests may get."""
    return isinstance(value, int) and between(0, protocol.MOST_GRACE)(value)


def is_count(value: Any) -> bool:
    """A whole number of at least one."""
    return isinstance(value, int) and between(1, math.inf)(value)
