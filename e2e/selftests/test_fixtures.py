"""What the documents say of the fixtures, and `async_http` under each plugin that runs coroutines."""

from __future__ import annotations

import re

import pytest

from afterawait.plugin import fixtures
from e2e.selftests.plain_pytest import Somebodys
from e2e.selftests.project import ALL_PLUGINS, ROOT

ASYNC = """
import asyncio
import pytest


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_it_answers(async_http):
    for _ in range(3):
        assert (await async_http.get("/")).status_code == 200


async def many(client):
    return await asyncio.gather(*[client.get("/") for _ in range(20)])


def test_in_one_loop_after_another(async_http):
    for _ in range(2):
        assert {each.status_code for each in asyncio.run(many(async_http))} == {200}
"""
UNMARKED = "async def test_it(async_http):\n    pass\n"
DEBUGGED = """
import sys
import types


def test_there_is_a_deadline(http):
    assert http.timeout.read == 10


def test_a_debugger_is_there(monkeypatch, request):
    monkeypatch.setitem(sys.modules, "pydevd", types.ModuleType("pydevd"))
    assert request.getfixturevalue("http").timeout.read is None
"""


def documented() -> dict[str, str]:
    """Name and type of each fixture in README's table."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("| fixture | type |")[2].partition("\n\n")[0]
    return dict(re.findall(r"^\| `(\w+)` \| `(.+?)` \|", table, flags=re.MULTILINE))


def defined() -> dict[str, str]:
    """Of each fixture of the plugin, from its annotation."""
    found = {}
    for name, value in vars(fixtures).items():
        made = getattr(value, "_get_wrapped_function", None)
        if made and not name.startswith("_"):
            returns = made().__annotations__["return"]
            inner = re.fullmatch(r"Iterator\[(.*)\]", returns)
            found[name] = (inner[1] if inner else returns).replace("StartServer", "Callable[..., Server]")
    return found


def test_readme_lists_the_fixtures_with_their_types() -> None:
    """All of them, and no other."""
    assert documented() == defined()


def test_pytest_shows_the_fixtures_with_their_types(hello: Somebodys) -> None:
    """As README has them, and what is for the plugin alone is not shown."""
    ended = hello.pytest("--fixtures")

    output = " ".join(ended.output.split())
    missing = [
        name for name, kind in documented().items() if not re.search(rf"\b{name}\b.*{re.escape(kind)}: ", output)
    ]
    assert not missing, ended.output
    assert "_reset_database_first" not in output


def test_the_async_client_serves_any_loop_and_leaves_nothing_open(hello: Somebodys) -> None:
    """A loop of anyio's plugin, and loops of the test's own, where every warning is an error."""
    hello.write("tests/test_async.py", ASYNC)

    ended = hello.pytest("tests/test_async.py", "-W", "error", "-p", "no:asyncio", env=ALL_PLUGINS)

    assert ended.status == 0, ended.output
    assert "2 passed" in ended.output


def test_a_coroutine_that_no_plugin_runs_is_no_silent_pass(hello: Somebodys) -> None:
    """pytest itself says what is missing."""
    hello.write("tests/test_async.py", UNMARKED)

    ended = hello.pytest("tests/test_async.py")

    assert "1 passed" not in ended.output
    assert "async def functions are not natively supported" in ended.output


def test_under_a_debugger_the_client_waits(hello: Somebodys) -> None:
    """Whoever stands at a breakpoint in the server needs longer than any server may."""
    hello.write("tests/test_debugged.py", DEBUGGED)

    ended = hello.pytest("tests/test_debugged.py")

    assert ended.status == 0, ended.output


@pytest.mark.parametrize("name", ["database_url", "reset_database", "async_http"])
def test_the_new_fixtures_start_nothing_where_they_are_only_shown(hello: Somebodys, name: str) -> None:
    """`--setup-plan` knows them."""
    hello.write("tests/test_shown.py", f"def test_it({name}):\n    pass\n")

    ended = hello.pytest("tests/test_shown.py", "--setup-plan")

    assert ended.status == 0, ended.output
    assert name in ended.output
