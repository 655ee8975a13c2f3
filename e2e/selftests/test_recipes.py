"""The recipes of docs/recipes.md work: its blocks are written into a project, and its commands run there."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from e2e.selftests.plain_pytest import HELLO, PLUGIN, Somebodys
from e2e.selftests.project import ROOT, TIMEOUT, Ended

TEXT = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^`([^`\n]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = dict(BLOCK.findall(TEXT))
UNIT = "import shop.main\n\n\ndef test_today():\n    assert shop.main.today() == 'some day'\n"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Somebodys]:
    """The shop, with every file that the document shows."""
    project = Somebodys(tmp_path / "shop", toy=HELLO.parent / "recipes")
    for name, text in BLOCKS.items():
        project.write(name, text)
    project.write("tests/__init__.py", "")
    project.write("unit/test_unit.py", UNIT)
    yield project
    project.close()


def command(project: Somebodys, line: str) -> Ended:
    """A command line of the document, by the Python of these tests, ended."""
    program, *arguments = shlex.split(line)
    plugin = [*PLUGIN, "-p", "no:randomly"] if program == "pytest" else []
    process = project.start("-m", program, *plugin, *arguments)
    output, _ = process.communicate(timeout=TIMEOUT)
    return Ended(process.returncode, output)


def test_every_block_of_the_document_is_run_here() -> None:
    """None is shown without the name of its file."""
    assert len(BLOCKS) == TEXT.count("\n```") / 2


@pytest.mark.parametrize("name", [name for name in BLOCKS if re.fullmatch(r"tests/test_.*\.py", name)])
def test_the_tests_of_a_recipe_pass(shop: Somebodys, name: str) -> None:
    """Under plain pytest, each alone."""
    ended = command(shop, f"pytest {name}")

    assert ended.status == 0, ended.output
    assert "passed" in ended.output


def test_all_recipes_pass_together_and_measured(shop: Somebodys) -> None:
    """With every line of the shop reached, and a report whose paths Codecov can find; then the total with unit tests.

    The commands of that last recipe, one after the other: a run is what pre-commit starts, too.
    """
    unit, run, combine = re.findall(r"^ {4}(\S.*)$", TEXT.rpartition("## A total")[2], flags=re.MULTILINE)

    before = command(shop, unit)
    ended = command(shop, run)

    assert (before.status, ended.status) == (0, 0), before.output + ended.output
    assert run == hook()["entry"]
    assert "coverage     shop 100.00 % of lines" in ended.output
    step = yaml.safe_load(BLOCKS["codecov-step.yml"])[0]["with"]
    report = ET.parse(shop.root / step["files"]).getroot()  # noqa: S314  # our own
    sources = [Path(each.text or "") for each in report.iter("source")]
    names = [each.attrib["filename"] for each in report.iter("class")]
    assert "shop/main.py" in {str((place / name).relative_to(shop.root)) for place in sources for name in names}

    total = command(shop, combine)

    assert total.status == 0, total.output
    assert "with .coverage: not judged, no gate" in total.output


def hook() -> dict[str, Any]:
    """The one for pre-commit."""
    ((found,),) = [each["hooks"] for each in yaml.safe_load(BLOCKS[".pre-commit-config.yaml"])["repos"]]
    return dict(found)


def test_what_pre_commit_and_the_workflow_start_is_understood(shop: Somebodys) -> None:
    """By Afterawait and by pytest, with two test processes too."""
    assert hook()["language"] == "system"
    for line in (hook()["entry"], workflow()[-1]):
        ended = command(shop, f"{line} --collect-only")

        assert ended.status == 0, ended.output
        assert "<Function test_" in ended.output


def workflow() -> list[str]:
    """The commands of the workflow but for those that install."""
    steps = yaml.safe_load(BLOCKS[".github/workflows/e2e.yml"])["jobs"]["e2e"]["steps"]
    return [each["run"] for each in steps if "run" in each and not each["run"].startswith("pip install")]


def test_a_module_of_the_tests_may_be_what_is_served(shop: Somebodys) -> None:
    """It overrides a dependency, and the application's lines are measured."""
    shop.replace("pyproject.toml", '"shop.main:app"', '"tests.served:app"')
    for name in BLOCKS:
        if name.startswith("tests/test_"):
            (shop.root / name).unlink()
    shop.write("tests/test_served.py", "def test_it(http):\n    assert 'a holiday' in http.get('/receipt').text\n")

    ended = shop.run("-n0", "tests/test_served.py")

    assert ended.status == 0, ended.output


def test_what_vs_code_starts_runs(shop: Somebodys) -> None:
    """The module and the arguments of launch.json, in the folder that it names."""
    (launch,) = json.loads(BLOCKS[".vscode/launch.json"])["configurations"]

    ended = command(shop, shlex.join([launch["module"], *launch["args"]]))

    assert launch["subProcess"]
    assert ended.status == 0, ended.output
    assert "3 passed" in ended.output


def test_what_the_workflow_installs_exists() -> None:
    """The extras are those of the package."""
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = re.findall(r"afterawait\[([a-z,]+)\]", TEXT)

    assert extras
    assert set(",".join(extras).split(",")) <= set(metadata["project"]["optional-dependencies"])
