"""The rules of the layout, held over the sources themselves."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.selftests.project import ROOT

# Who may import whom of ours, by prefix; what is not listed may import nothing of ours.
ALLOWED = {
    "app": ["app"],
    "afterawait.agent": ["afterawait.agent"],
    "afterawait": ["afterawait"],
    "e2e.conduit": ["e2e.conduit"],
    "e2e.bench": ["e2e.bench", "afterawait", "e2e.conduit"],
    "e2e.proof": ["e2e.proof", "afterawait"],
    "e2e.tests": ["e2e.tests", "e2e.conduit", "afterawait.plugin.hooks"],
    "e2e.selftests": ["e2e", "afterawait"],
    "sitecustomize": ["afterawait.agent"],
}
# Inside the server process the agent brings nothing of its own along.
AGENT_MAY = {"coverage", "uvicorn", "sqlalchemy"}
LONGEST = 300  # lines of a module


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of ours: its dotted name and its file."""
    folders = [ROOT / name for name in ("afterawait", "app", "e2e")]
    for path in [ROOT / "sitecustomize.py", *(path for folder in folders for path in folder.rglob("*.py"))]:
        yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


def imports(path: Path) -> set[str]:
    """The dotted names that a file imports, late imports included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} imports relatively"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def under(name: str, prefixes: list[str]) -> bool:
    """Whether a dotted name is one of these or below it."""
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


MODULES = sorted(modules())


@pytest.mark.parametrize(("name", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_a_module_imports_only_what_its_place_allows(name: str, path: Path) -> None:
    """The service knows nothing of its tests, the tests nothing of the service but HTTP."""
    allowed = next((may for prefix, may in ALLOWED.items() if under(name, [prefix])), [])

    ours = {each for each in imports(path) if under(each, ["afterawait", "app", "e2e", "sitecustomize"])}
    wrong = {each for each in ours if not under(each, allowed)}

    assert not wrong


@pytest.mark.parametrize(("name", "path"), [each for each in MODULES if under(each[0], ["afterawait.agent"])])
def test_the_agent_brings_no_library_into_the_server(name: str, path: Path) -> None:
    """Standard library, coverage and uvicorn; SQLAlchemy in the canary alone, where the application has it."""
    foreign = {each.split(".")[0] for each in imports(path)} - set(sys.stdlib_module_names) - {"afterawait"}

    assert foreign <= AGENT_MAY
    assert "sqlalchemy" not in foreign or name == "afterawait.agent.canary"


@pytest.mark.parametrize(("name", "path"), [each for each in MODULES if under(each[0], ["afterawait"])])
def test_harness_and_agent_are_generic(name: str, path: Path) -> None:
    """Not a word of the application that happens to be measured here."""
    text = path.read_text(encoding="utf-8").lower()

    assert "conduit" not in text, name


@pytest.mark.parametrize(("name", "path"), MODULES, ids=[name for name, _ in MODULES])
def test_a_module_is_short_and_says_what_it_is(name: str, path: Path) -> None:
    """One idea each: a docstring that opens it, and a length that one sitting reads."""
    text = path.read_text(encoding="utf-8")

    assert ast.get_docstring(ast.parse(text)), f"{name} does not say what it is"
    assert len(text.splitlines()) <= LONGEST
