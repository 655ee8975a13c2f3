"""Runs the canary's measured part past a query, a thread, an error and a branch. Runs in the project's own Python.

look.py compiles this under a name that no coverage.py measures: with measured frames around them, lines that a tracer
loses in an application happen to be seen.
"""

import asyncio
import dis
import sys
import threading
import types

DEPTH = 12  # coroutine frames above a query: as deep as a request through FastAPI
PATIENCE = 5.0  # seconds for a thread that runs two lines


def crossing(functions, versions):
    """Run all that can be run here; returns what each part ran, and what it has crossed the query with."""
    ran = {}
    done = []
    thread = threading.Thread(target=functions["works_in_a_thread"], args=(done,), daemon=True)
    thread.start()
    thread.join(PATIENCE)
    if done:
        ran["thread"] = lines(functions["works_in_a_thread"])
    asyncio.run(_is_refused(functions))
    ran["error"] = lines(functions["goes_on"])
    for arguments in (("a", -1), ("b", 1), ("a", 1)):
        try:
            functions["takes_a_branch"](*arguments)
        except ValueError:
            pass
    if versions.get("greenlet"):
        from greenlet import greenlet

        functions["switches_greenlets"](greenlet, [])
        ran["switch"] = lines(functions["switches_greenlets"])
    by = ""
    if versions.get("sqlalchemy") and versions.get("greenlet"):
        by = asyncio.run(_asks(functions, versions))
        ran["greenlet"] = lines(functions["asks"])
    return ran, by


def untaken(functions):
    """The branch that the calls above never take: from the second `if` past its body."""
    first = functions["takes_a_branch"].__code__.co_firstlineno
    return first + 2, first + 4


def lines(function):
    """The lines of a function's body, and of the functions in it."""
    found, waiting, first = set(), [function.__code__], function.__code__.co_firstlineno
    while waiting:
        code = waiting.pop()
        found.update(line for _, line in dis.findlinestarts(code) if line is not None and line > first)
        waiting += [each for each in code.co_consts if isinstance(each, types.CodeType)]
    return sorted(found)


def measured_as(source, filename, module):
    """The functions of the measured part, as if they stood in the file called `filename`."""
    names = {"__name__": module, "__file__": filename, "__builtins__": __builtins__}
    exec(compile(source, filename, "exec"), names)
    return names


async def _is_refused(functions):
    answer = asyncio.get_running_loop().create_future()
    task = asyncio.ensure_future(_deep(DEPTH, lambda: functions["goes_on"](answer)))
    await asyncio.sleep(0)
    answer.set_exception(ValueError())
    await task


async def _asks(functions, versions):
    if versions.get("aiosqlite"):
        try:
            await _asks_an_engine(functions)
        except Exception as error:
            sys.stderr.write("no engine: {!r}\n".format(error))
        else:
            return "a query on aiosqlite, in memory"
    await _deep(DEPTH, lambda: functions["asks"](_crosses_a_greenlet))
    return "SQLAlchemy's greenlet_spawn"


async def _asks_an_engine(functions):
    """Writes before it reads: a bare SELECT comes out right by accident in SQLAlchemy 2.1."""
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    engine = create_async_engine("sqlite+aiosqlite://")
    session = AsyncSession(engine)

    async def query():
        await session.execute(text("CREATE TABLE canary (number INTEGER)"))
        await session.execute(text("INSERT INTO canary VALUES (1)"))

    try:
        await _deep(DEPTH, lambda: functions["asks"](query))
    finally:
        await session.close()
        await engine.dispose()


async def _crosses_a_greenlet():
    from sqlalchemy.util.concurrency import greenlet_spawn

    return await greenlet_spawn(_waits)


def _waits():
    from sqlalchemy.util.concurrency import await_only

    return await_only(_pause())


@types.coroutine
def _pause():
    yield


async def _deep(levels, work):
    if levels:
        return await _deep(levels - 1, work)
    return await work()
