"""docs/troubleshooting.md and docs/limits.md quote what the program prints, word for word."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from e2e.selftests.project import ROOT

GAP = "\0"
"""What stands for a value in a sentence; "..." in the documents."""


@cache
def sentences() -> str:
    """Every text of the program, its values replaced by GAP."""
    return "\n".join(
        text for path in sorted((ROOT / "afterawait").rglob("*.py")) for text in texts(ast.parse(path.read_text()))
    )


def texts(tree: ast.AST) -> Iterator[str]:
    """The strings of a source; formatted ones whole."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(each.value) if isinstance(each, ast.Constant) else inner(each) for each in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def inner(value: ast.AST) -> str:
    """What stands in for a value: a condition's own texts are the sentence's."""
    found = [each.value for each in ast.walk(value) if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    return GAP if len(found) != 1 or len(found[0]) < 4 else found[0]


def quoted(document: Path) -> list[str]:
    """The sentences that a document quotes."""
    lines = document.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("> ") for line in lines if line.startswith("> ")]


def printed(sentence: str) -> bool:
    """Whether the program can print it."""
    pieces = [re.escape(each.strip()) for each in sentence.split("...")]
    return re.search(r"[^\n]*".join(pieces), sentences()) is not None


@pytest.mark.parametrize("sentence", quoted(ROOT / "docs/troubleshooting.md"))
def test_a_sentence_of_the_troubleshooting_is_printed(sentence: str) -> None:
    """People search the page for what they saw."""
    assert printed(sentence)


def test_a_sentence_that_is_not_printed_is_found_out() -> None:
    """Or the test above proves nothing."""
    assert not printed("coverage.py lost lines that walked in")
    assert len(quoted(ROOT / "docs/troubleshooting.md")) > 15


@pytest.mark.parametrize(
    "sentence",
    re.findall(
        r"^\| `([^`]+)` \|", (ROOT / "docs/elsewhere.md").read_text().partition("## What it says")[2], re.MULTILINE
    ),
)
def test_a_sentence_about_a_server_elsewhere_is_printed(sentence: str) -> None:
    """In the table at the page's end."""
    assert printed(sentence.replace("AFTERAWAIT_KEY", "..."))


SAID = ("not seen", "not measured", "killed before", "did not run", "ran other sources", "does not load")


def said_of_limits() -> list[str]:
    """The sentences in docs/limits.md, which stand in the text there."""
    spans = re.findall(r"`([^`]+)`", (ROOT / "docs/limits.md").read_text(encoding="utf-8"))
    return [" ".join(each.split()) for each in spans if any(words in " ".join(each.split()) for words in SAID)]


@pytest.mark.parametrize("sentence", said_of_limits())
def test_a_sentence_of_the_limits_is_printed(sentence: str) -> None:
    """What the run says of each."""
    assert printed(sentence)


def test_each_limit_that_names_a_test_has_it() -> None:
    """A link to a file that is there."""
    links = re.findall(r"\[test\]\(\.\./([^)]*)\)", (ROOT / "docs/limits.md").read_text())

    assert len(links) > 5
    assert all((ROOT / each).is_file() for each in links)
