"""What the project's modules import and call, found in their syntax trees: nothing is imported. Driver process."""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

PATIENCE = 1.5  # seconds of CPU for all files
GREENLETS = (
    *("sqlalchemy.ext.asyncio", "sqlmodel.ext.asyncio"),
    *("advanced_alchemy", "fastapi_users_db_sqlalchemy", "fastapi_async_sqlalchemy"),
)
"""Modules that run what they are given in greenlets: through SQLAlchemy, which switches them itself."""
OTHER_GREENLETS = {"gevent": "gevent", "eventlet": "eventlet", "greenlet": "greenlet"}
THREADS = (
    *("threading.Thread", "threading.Timer", "concurrent.futures.ThreadPoolExecutor", "anyio.to_thread", "asgiref"),
    *("flask", "django"),  # their servers give each request a thread
)
THREAD_CALLS = {"to_thread", "run_in_threadpool", "run_in_executor", "ThreadPoolExecutor", "Thread", "Timer"}
ROUTES = {"get", "post", "put", "delete", "patch", "options", "head", "route", "api_route", "exception_handler"}
"""Decorators whose plain functions FastAPI and Starlette run in threads."""
PROCESSES = ("multiprocessing", "billiard")
CALLS = {"_exit": "_exit", "fork": "fork", "execv": "exec", "execve": "exec", "execvp": "exec", "execvpe": "exec"}
CALLS |= {"execl": "exec", "execle": "exec", "execlp": "exec"}
INTERESTING = re.compile(
    rb"greenlet|gevent|eventlet|sqlalchemy|sqlmodel|alchemy|thread|multiprocessing|billiard|concurrent|exec[vl]|Process|"
    rb"_exit|fork|subprocess|xprocess|pexpect|fastapi|starlette|asgiref|flask|django|executor|Popen"
)
STARTING = {b"subprocess", b"xprocess", b"pexpect", b"multiprocessing", b"Popen"}
COMMON_KINDS = {"greenlet", "thread"}
COMMON = {b"sqlalchemy", b"sqlmodel", b"alchemy", b"thread", b"concurrent", b"fastapi", b"starlette", b"executor"}
"""Words that say no more than these kinds."""
ASYNC = re.compile(rb"^\s*async def ", re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """A line of a file below the project's root, and what stands there."""

    name: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.name}:{self.line}"


@dataclass(frozen=True)
class Module:
    """One file: what it uses, by kind ("greenlet", "gevent", "thread", "process", "_exit", ...), and its tree."""

    path: Path
    name: str
    test: bool
    uses: dict[str, Place] = field(default_factory=dict)
    is_async: bool = False
    tree: ast.Module | None = None
    """Of a file that may start programs, and of no other: trees are large."""


@dataclass(frozen=True)
class Source:
    """All modules that were looked at; `left` is how many files there was no time for."""

    modules: list[Module]
    left: int = 0


def read(files: Iterable[tuple[Path, str, bool]]) -> Source:
    """Look at files: each with its name below the root, and whether it is a test's."""
    began = time.process_time()
    modules: list[Module] = []
    waiting = list(files)
    known: dict[str, set[str]] = {}
    for number, (path, name, test) in enumerate(waiting):
        if time.process_time() - began > PATIENCE:
            return Source(modules, len(waiting) - number)
        found = known.setdefault(name.partition("/")[0], set())
        module = _read(path, name, test=test, known=found)
        if module is not None:
            modules.append(module)
            found.update(module.uses)
    return Source(modules)


def _read(path: Path, name: str, *, test: bool, known: set[str]) -> Module | None:
    """One file; it is not parsed where it can only say what is `known` of the folder that it lies in."""
    try:
        text = path.read_bytes()
        is_async = bool(ASYNC.search(text))
        words = set(INTERESTING.findall(text))
        if not words or (known >= COMMON_KINDS and words <= COMMON and not test):
            return Module(path, name, test, {}, is_async)
        tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):  # a template, another Python's
        return None
    uses: dict[str, Place] = {}
    for kind, line, what in _uses(tree):
        uses.setdefault(kind, Place(name, line, what))
    return Module(path, name, test, uses, is_async, tree if words & STARTING else None)


def _uses(tree: ast.Module) -> Iterator[tuple[str, int, str]]:
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                imported.add(alias.name.partition(".")[0])
                yield from _kinds(alias.name, node.lineno, f"import {alias.name}")
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            imported.add(node.module.partition(".")[0])
            for alias in node.names:
                what = f"from {node.module} import {alias.name}"
                yield from _kinds(f"{node.module}.{alias.name}", node.lineno, what)
    plain = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    served = bool(imported & {"fastapi", "starlette"})
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _called(node, imported)
            first = node.args[0] if node.args else None
            if served and called(node) in {"Depends", "add_task"} and isinstance(first, ast.Name) and first.id in plain:
                yield "thread", node.lineno, ast.unparse(node)
        elif isinstance(node, ast.ClassDef) and any(ast.unparse(each).endswith("Thread") for each in node.bases):
            yield "thread", node.lineno, f"class {node.name}(...Thread)"
        elif served and isinstance(node, ast.FunctionDef):
            routes = [each for each in node.decorator_list if isinstance(each, ast.Call) and called(each) in ROUTES]
            if routes:
                yield "thread", node.lineno, f"def {node.name}"


def _called(node: ast.Call, imported: set[str]) -> Iterator[tuple[str, int, str]]:
    name = called(node)
    if name == "switch":
        yield "switch", node.lineno, f"{ast.unparse(node.func)}(...)"
    if name in THREAD_CALLS:
        yield "thread", node.lineno, f"{name}(...)"
    targeted = name == "Process" and any(each.arg == "target" for each in node.keywords)
    if name == "ProcessPoolExecutor" or (imported & {*PROCESSES} and (name == "Pool" or targeted)):
        yield "process", node.lineno, f"{name}(...)"
    if name in CALLS and isinstance(node.func, ast.Attribute) and _is_os(node.func.value):
        yield CALLS[name], node.lineno, f"os.{name}(...)"


def _kinds(module: str, line: int, what: str) -> Iterator[tuple[str, int, str]]:
    if _below(module, GREENLETS):
        yield "greenlet", line, what
    top = module.partition(".")[0]
    if top in OTHER_GREENLETS:
        yield OTHER_GREENLETS[top] if top != "greenlet" else "own greenlets", line, what
    if _below(module, THREADS):
        yield "thread", line, what


def _below(module: str, names: Iterable[str]) -> bool:
    return any(module == each or module.startswith(f"{each}.") for each in names)


def called(node: ast.Call) -> str:
    """The last part of what is called: "Popen" of `subprocess.Popen(...)`."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _is_os(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "os"
