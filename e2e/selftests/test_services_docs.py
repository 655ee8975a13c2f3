"""What docs/services.md shows is what selftests run: the toy's settings and its worker. No process."""

from __future__ import annotations

import re
import textwrap
import tomllib

import pytest

from afterawait.settings_services import KEYS
from e2e.selftests.project import ROOT, TOYS

TEXT = (ROOT / "docs" / "services.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
TOY = TOYS / "services"


def test_the_example_is_the_project_that_is_run() -> None:
    """Its table, to the letter."""
    shown = tomllib.loads(next(text for kind, text in BLOCKS if kind == "toml"))
    run = tomllib.loads((TOY / "pyproject.toml").read_text(encoding="utf-8"))

    assert shown["tool"] == {"afterawait": run["tool"]["afterawait"]}


@pytest.mark.parametrize("text", [text for kind, text in BLOCKS if kind == "python"])
def test_the_lines_of_a_worker_are_those_that_are_run(text: str) -> None:
    """In the shop, or in its worker."""
    sources = [(TOY / name).read_text(encoding="utf-8") for name in ("shop/main.py", "jobs/worker.py")]

    assert any(textwrap.indent(text, "    ") in each for each in sources)


def test_every_key_is_listed() -> None:
    """In the order in which a mistake lists them."""
    assert re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE) == list(KEYS)


def test_the_settings_of_each_block_are_known() -> None:
    """A part of a table, too."""
    from afterawait.settings_table import KEYS as TABLE

    for kind, text in BLOCKS:
        if kind == "toml":
            table = tomllib.loads(text)["tool"]["afterawait"]
            assert table.keys() <= TABLE.keys()
            assert all(TABLE[name].accepts(value) for name, value in table.items())
