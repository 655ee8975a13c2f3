"""Which Python programs the tests start, how they end them, and in which folder: seen in the code. Driver process."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath

from afterawait.commands import programs
from afterawait.doctor import code_commands
from afterawait.doctor.source_code import Module, Place, called

STARTING = {"Popen", "run", "call", "check_call", "check_output", "create_subprocess_exec", "create_subprocess_shell"}
STARTING |= {"spawn", "popen", "open_process", "run_process"}
FROM = {"subprocess", "asyncio", "pexpect", "os", "anyio", "trio"}
LONGEST = 70  # characters of a command that are shown
SIGNALS = ("SIGTERM", "SIGINT", "SIGKILL", "SIGQUIT")


@dataclass(frozen=True)
class Start:
    """One place where tests start a program of Python: a server ("uvicorn"), "module", "file", or "process".

    `target` is the module or file that it runs. `ends` is how the file that starts it ends processes: names of
    signals. `elsewhere` says that it is started in another folder.
    """

    place: Place
    kind: str
    words: tuple[str, ...] = ()
    target: str = ""
    ends: frozenset[str] = frozenset()
    elsewhere: bool = False
    stripped: bool = False
    """It gets an environment in which nothing of this process's own is."""

    @property
    def shut_out(self) -> bool:
        """Its command keeps Python from whatever starts a measurement."""
        return "-S" in self.words or (self.words[:1] == ("env",) and "-i" in self.words)

    @property
    def command(self) -> str:
        """As people write it."""
        text = " ".join(self.words)
        return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def of(module: Module, scripts: Mapping[str, str]) -> Iterator[Start]:
    """What a module starts. `scripts` are the project's own commands, each with its module."""
    if module.tree is None:
        return
    texts = dict(code_commands.texts_of(module.tree))
    ends = _ends(module.tree)
    names = _names(module.tree)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and node.args and (function := _starting(node, names)):
            command = ast.List(node.args) if function == "create_subprocess_exec" else node.args[0]
            words = code_commands.words_of(command, texts)
            elsewhere = any(each.arg == "cwd" and not _is_none(each.value) for each in node.keywords)
            stripped = any(each.arg == "env" and _is_bare(each.value) for each in node.keywords)
            for each in _program(module, node.lineno, words, ends, scripts):
                yield replace(each, elsewhere=elsewhere, stripped=stripped)
        elif isinstance(node, ast.ClassDef) and any("ProcessStarter" in ast.unparse(each) for each in node.bases):
            for line, value in _assigned(node, "args"):
                yield from _program(module, line, code_commands.words_of(value, texts), ends | {"SIGTERM"}, scripts)
    if module.test and "process" in module.uses:
        for node in ast.walk(module.tree):
            if (
                isinstance(node, ast.Call)
                and called(node) == "Process"
                and any(k.arg == "target" for k in node.keywords)
            ):
                target = next(ast.unparse(each.value) for each in node.keywords if each.arg == "target")
                place = Place(module.name, node.lineno, f"Process(target={target})")
                yield Start(place, "process", (place.what,), ends=ends)


def _program(
    module: Module,
    line: int,
    words: list[str],
    ends: frozenset[str],
    scripts: Mapping[str, str],
) -> Iterator[Start]:
    kind, target = programs.program(words, scripts)
    if kind:
        place = Place(module.name, line, " ".join(words))
        yield Start(place, kind, tuple(words), target, ends)


def _names(tree: ast.Module) -> dict[str, str]:
    """What a file calls the modules that start programs, and their functions: {"sp": "", "run": "run"}."""
    found = dict.fromkeys(FROM, "")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.asname: "" for alias in node.names if alias.asname and alias.name in FROM}
        elif isinstance(node, ast.ImportFrom) and node.module in FROM:
            found |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in STARTING}
    return found


def _starting(node: ast.Call, names: Mapping[str, str]) -> str:
    """The function that a call starts a program by; "" where it does not: `run(...)` is many things."""
    if isinstance(node.func, ast.Attribute):
        whose = ast.unparse(node.func.value).rpartition(".")[2]
        return node.func.attr if node.func.attr in STARTING and names.get(whose) == "" else ""
    return names.get(called(node), "")


def _assigned(node: ast.ClassDef, name: str) -> Iterator[tuple[int, ast.expr]]:
    for each in node.body:
        if isinstance(each, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in each.targets):
            yield each.lineno, each.value


def _ends(tree: ast.Module) -> frozenset[str]:
    """The signals that a file sends: what ends one of its processes is looked for nowhere else."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in SIGNALS:
            found.add(node.attr)
        elif isinstance(node, ast.Call) and called(node) in {"terminate", "kill"} and not node.args:
            found.add("SIGTERM" if called(node) == "terminate" else "SIGKILL")
    return frozenset(found)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_bare(node: ast.expr) -> bool:
    """Whether a dictionary holds nothing but what is written there."""
    if isinstance(node, ast.Dict):
        return all(key is not None for key in node.keys)
    return isinstance(node, ast.Call) and called(node) == "dict" and not node.args and all(k.arg for k in node.keywords)


def below(target: str, sources: list[str]) -> bool:
    """Whether a module or file is one of the measured ones, by its first part."""
    tops = {PurePath(each).name for each in sources} | {each.partition(".")[0] for each in sources}
    if target.endswith(".py"):
        return any(part in tops for part in PurePath(os.path.normpath(target)).parts)
    return target.partition(".")[0] in tops
