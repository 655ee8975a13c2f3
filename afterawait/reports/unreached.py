"""The lines that no test reached, by file and function. Driver process.

What a statement is, and what is excluded, coverage.py says by the run's configuration; who ran it, the witness.
"""

from __future__ import annotations

import ast
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coverage.exceptions import CoverageException
from coverage.parser import PythonParser

from afterawait import coverage_config, terminal
from afterawait.evidence.line_sets import ranges
from afterawait.faults import EnvironmentFault
from afterawait.reports.counted import Counted
from afterawait.reports.line_index import Evidence

if TYPE_CHECKING:
    import coverage

    from afterawait.reports.line_index import LineIndex
    from afterawait.runs.folder import RunFolder
    from afterawait.settings import Settings

NEVER = "never"
NO_TEST = "no test"
"""It ran: at start-up, beside requests, or for a person."""


@dataclass(frozen=True)
class Unreached:
    """Lines of one function, or of a module's own level (""), that no test reached."""

    function: str
    state: str
    lines: tuple[int, ...]

    def __str__(self) -> str:
        return ranges(set(self.lines))


def of_file(path: Path, cov: coverage.Coverage, index: LineIndex | None) -> tuple[list[Unreached], int]:
    """What no test reached of the file at `path`, in its order, and how many statements it has.

    `index` is None for a file that no process imported. What runs at import alone, outside functions, counts as
    reached when it ran at all. Raises CoverageException for a file that is no Python.
    """
    statements = set(cov.analysis2(str(path))[1])
    parser = PythonParser(text=path.read_text(encoding="utf-8", errors="replace"), filename=str(path))
    parser.parse_source()
    reached = parser.translate_lines(index.reached()) if index else set()
    ran = reached | (parser.translate_lines(index.ran()) if index else set())
    functions = dict(_functions(ast.parse(path.read_bytes())))
    found: dict[tuple[str, str], list[int]] = {}
    for line in sorted(statements - reached):
        function = functions.get(line, "")
        if line not in ran:
            found.setdefault((function, NEVER), []).append(line)
        elif function:
            found.setdefault((function, NO_TEST), []).append(line)
    unreached = [Unreached(function, state, tuple(lines)) for (function, state), lines in found.items()]
    return sorted(unreached, key=lambda each: each.lines), len(statements)


def _functions(tree: ast.AST, outer: str = "") -> Iterator[tuple[int, str]]:
    """Each line of a function's body with the function's qualified name, the innermost last."""
    for node in ast.iter_child_nodes(tree):
        name = outer
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{outer}.{node.name}".lstrip(".")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from ((line, name) for line in range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1))
        yield from _functions(node, name)


class Answer:
    """What no test of `runs` reached, in the file `only` or in all that gates. Raises Fault."""

    def __init__(self, settings: Settings, runs: Sequence[RunFolder], only: Path | None = None) -> None:
        evidence = Evidence(runs)
        self.wrong = evidence.wrong
        self.files: dict[str, list[Unreached]] = {}
        self.statements = 0
        cov = coverage_config.of_reports(settings, runs[0].path).coverage()
        for path in [only] if only else map(Path, sorted(Counted(settings, cov).files())):
            try:
                found, statements = of_file(path, cov, evidence.of(path))
            except CoverageException as error:
                raise EnvironmentFault(f"{path} cannot be read: {error}.", hint="Give a Python file.") from None
            self.statements += statements
            if found:
                self.files[os.path.relpath(path, settings.root)] = found

    def for_a_machine(self) -> dict[str, Any]:
        """By file: the lines that never ran, and those that ran for no test."""
        files = {
            name: {
                state: sorted(line for each in found if each.state == state for line in each.lines)
                for state in (NEVER, NO_TEST)
            }
            for name, found in self.files.items()
        }
        return {"statements": self.statements, "files": files}

    def for_people(self) -> str:
        """A line for each function, by file; then how many."""
        said: list[str] = []
        for name, found in self.files.items():
            said.append(name)
            width = max(len(str(each)) for each in found)
            said += [f"  {each!s:>{width}}  {_painted(each.state)}  {each.function}".rstrip() for each in found]
        count = Counter(each.state for found in self.files.values() for each in found for _ in each.lines)
        if not count:
            return f"Tests reached all {self.statements:,} statements."
        rest = f"; {count[NO_TEST]:,} ran, but for no test" * bool(count[NO_TEST])
        return "\n".join([*said, "", f"{count[NEVER]:,} of {self.statements:,} statements never ran{rest}."])


def _painted(state: str) -> str:
    return terminal.paint(f"{state:<{len(NO_TEST)}}", "red" if state == NEVER else "yellow")
