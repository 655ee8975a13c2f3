"""The rules of the layout that no contract of import-linter states, held over the sources themselves."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from afterawait import protocol
from e2e.selftests.long_forms import LONG_FILES, LONG_FORMS, LONG_TESTS
from e2e.selftests.project import ROOT

# Inside a measured process the agent brings nothing of its own along: SQLAlchemy's names where the application has it
# loaded already, uvicorn in the one module that runs it.
AGENT_MAY = {
    "afterawait.agent.canary": {"coverage", "sqlalchemy"},
    "afterawait.agent.server": {"uvicorn"},
}
LONGEST = 250  # lines of a module
VARIABLE = re.compile(r"(AFTERAWAIT_[A-Z_]+|COVERAGE_(PROCESS_START|PROCESS_CONFIG|FILE))")
FILE_NAMES = {value for name, value in vars(protocol).items() if name.isupper() and isinstance(value, str)} & {
    *(protocol.MANIFEST, protocol.RECORD, protocol.RECORDS, protocol.WITNESS_FILE, protocol.WITNESS_FILES),
    *(protocol.DATA_FILES, protocol.UNSAVED, protocol.JUDGED, protocol.STATE),
}


def modules(*folders: str) -> Iterator[tuple[str, Path]]:
    """Every module in these folders: its dotted name and its file."""
    for path in (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))):
        yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


def imports(path: Path) -> set[str]:
    """The top-level packages that a file imports, late imports included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return {name.split(".")[0] for name in found}


def spelled(path: Path) -> set[str]:
    """The string literals of a file, docstrings apart."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in texts
    }


ALL = [("sitecustomize", ROOT / "sitecustomize.py"), *modules("afterawait", "app", "e2e")]
TOOL = list(modules("afterawait"))
AGENT = list(modules("afterawait/agent"))


@pytest.mark.parametrize(("name", "path"), AGENT, ids=[name for name, _ in AGENT])
def test_the_agent_brings_no_library_into_the_server(name: str, path: Path) -> None:
    """Standard library and coverage; a server or SQLAlchemy only where the application has brought it."""
    foreign = imports(path) - set(sys.stdlib_module_names) - {"afterawait"}

    assert foreign <= AGENT_MAY.get(name, {"coverage"})


@pytest.mark.parametrize(("name", "path"), TOOL, ids=[name for name, _ in TOOL])
def test_the_tool_is_generic(name: str, path: Path) -> None:
    """Not a word of the application that happens to be measured here."""
    text = path.read_text(encoding="utf-8").lower()

    assert "conduit" not in text, name


@pytest.mark.parametrize(("name", "path"), TOOL, ids=[name for name, _ in TOOL])
def test_what_processes_agree_on_is_spelled_in_one_place(name: str, path: Path) -> None:
    """A variable's or a run file's name stands in protocol.py alone; sentences for people may name them."""
    if name == "afterawait.protocol":
        return

    literals = spelled(path)

    assert not {each for each in literals if VARIABLE.fullmatch(each)}
    assert not literals & FILE_NAMES


@pytest.mark.parametrize(("name", "path"), ALL, ids=[name for name, _ in ALL])
def test_a_module_is_short_and_says_what_it_is(name: str, path: Path) -> None:
    """One idea each: a docstring that opens it, and a length that one sitting reads."""
    text = path.read_text(encoding="utf-8")

    assert ast.get_docstring(ast.parse(text)), f"{name} does not say what it is"
    assert len(text.splitlines()) <= LONGEST


@pytest.mark.parametrize(("file", "test"), [*LONG_FORMS, *LONG_TESTS, *((file, "") for file in LONG_FILES)])
def test_a_long_form_is_of_a_test_that_there_is(file: str, test: str) -> None:
    """A case that another stands for would else be run, or the other not, without a word."""
    cases = LONG_FORMS.get((file, test), {})
    text = (ROOT / "e2e/selftests" / file).read_text(encoding="utf-8")

    assert f"def {test}" in text
    assert not cases.keys() & set(cases.values())
