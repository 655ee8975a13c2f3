"""What a settings table that is there already lacks, and the text with it added. Driver process.

Nothing that stands there is changed or taken for wrong: a person may have written it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from afterawait.adoption import writing
from afterawait.adoption.proposal import Proposal
from afterawait.faults import EnvironmentFault
from afterawait.placeholders import PLACEHOLDERS

SERVED = ("app", "server")
DATABASE = ("database", "setup")
ADDED = (*SERVED, "path", *DATABASE, "services", "env")
"""What a run cannot do without. The others say what a run is about, and have a meaning where they are left out."""


def lacking(table: Mapping[str, Any], proposal: Proposal) -> dict[str, Any]:
    """What of a proposal the table has no word of; of `env`, the names that are missing there."""
    env = table.get("env", {})
    left_out = {*table, "env"}
    if any(each in table for each in SERVED):
        left_out.update(SERVED)
    led = any(f"{{{each}}}" in str(value) for value in env.values() for each in PLACEHOLDERS)
    if led:  # it has its database, as somebody has written it
        left_out.update(DATABASE)
    found = {key: value for key, value in proposal.table.items() if key in ADDED and key not in left_out}
    proposed = proposal.table.get("env", {}).items()
    names = {name: value for name, value in proposed if name not in env and not (led and "{db." in value)}
    if not any("{services." in value for value in names.values()):  # nothing would be led to them
        found.pop("services", None)
    return found | ({"env": names} if names else {})


def named(lacks: Mapping[str, Any]) -> str:
    """What is lacking, for people."""
    keys = [key for key in lacks if key != "env"]
    return ", ".join([*keys, *(f"env.{name}" for name in lacks.get("env", {}))])


def filled(text: str, lacks: Mapping[str, Any], proposal: Proposal) -> str:
    """The text of pyproject.toml with what was lacking. Raises EnvironmentFault where its form has no room for it."""
    wanted = tomllib.loads(text)["tool"]["afterawait"]
    wanted = wanted | dict(lacks) | ({"env": wanted.get("env", {}) | lacks["env"]} if "env" in lacks else {})
    try:
        document = tomlkit.parse(text)
        table: Any = document["tool"]
        table = table["afterawait"]
        made_up = [each for each in proposal.made_up if each in lacks.get("env", {})]
        for key, value in writing.table(lacks, made_up).items():
            if key == "env" and "env" in table:
                for name in lacks["env"]:
                    table["env"][name] = lacks["env"][name]
            else:
                table[key] = value
        whole = tomlkit.dumps(document)
        if text.count("\r\n") == text.count("\n") > 0:  # what is added has the ends of lines that all else has
            whole = whole.replace("\r\n", "\n").replace("\n", "\r\n")
        written = tomllib.loads(whole)
    except (TOMLKitError, ValueError, TypeError):
        whole, written = "", {}
    if written.get("tool", {}).get("afterawait") != wanted:
        hint = "Write it as a table of its own, [tool.afterawait], and [tool.afterawait.env] behind it."
        raise EnvironmentFault(
            "pyproject.toml has [tool.afterawait] in a form that nothing can be added to.", hint=hint
        )
    return whole
